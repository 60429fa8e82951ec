"""Adverse events in device-neutral codes of this house, no licensed dictionary.

Codes, seriousness, class of relation and action follow PMC6363531 (table 1) and ISO 14155 as read for this
project. The grades of relation and the outcomes are the usual words of safety reports: unverified.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "migration": "Lead migration",
        "erosion": "Erosion",
        "lead_damage": "Lead or sheath damage",
        "connection_failure": "Connection failure",
        "hardware_malfunction": "Hardware malfunction",
        "difficult_insertion": "Difficult insertion or removal",
        "neuro_symptoms": "Neurological symptoms",
        "dural_puncture": "Dural puncture",
        "infection": "Infection",
        "haematoma": "Haematoma",
        "lead_site_pain": "Pain at the lead site",
        "generator_pain": "Pain at the generator",
        "unwanted_stimulation": "Unwanted stimulation",
        "fall": "Fall",
        "other": "Other",
    }
)
SERIOUS_BECAUSE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "death": "Death",
        "life_threatening": "Life-threatening",
        "hospital": "Hospital stay, begun or prolonged",
        "impairment": "Permanent impairment",
        "intervention": "Intervention to prevent one of these",
        "fetal": "Fetal distress or congenital anomaly",
    }
)
RELATED_TO: Final[Mapping[str, str]] = MappingProxyType(
    {"device": "Device", "procedure": "Procedure", "stimulation": "Stimulation", "none": "None of these"}
)
RELATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"not": "Not related", "possible": "Possible", "probable": "Probable", "causal": "Causal"}
)
ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "None",
        "reprogram": "Reprogrammed",
        "drug": "Drug treatment",
        "lead_removal": "Leads removed",
        "surgery": "Surgery",
    }
)
OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recovered": "Recovered",
        "recovering": "Recovering",
        "not_recovered": "Not recovered",
        "sequelae": "Recovered with lasting effects",
        "fatal": "Fatal",
        "unknown": "Unknown",
    }
)
#: What may come of a warning sign that a patient reported.
ALERT_OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nothing_found": "Asked and nothing found",
        "advised": "Advised by phone",
        "seen": "Seen at the clinic",
        "emergency": "Sent to emergency care",
        "adverse_event": "Recorded as an adverse event",
        "not_reached": "Not reached, passed on",
    }
)
