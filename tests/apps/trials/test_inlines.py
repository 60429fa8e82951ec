"""What staff write down of leads, programs and adverse events, and what stands at its field."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.trials.inlines import AdverseEventForm, LeadForm, ProgramForm, kept_and
from apps.trials.models import AdverseEvent, Extension, Lead, ProgramInterval, StimulationTrial
from apps.trials.models.stimulation import NOT_FELT
from sctrial.mishaps import EVENTS, SERIOUS_BECAUSE
from sctrial.stimulation import LEAD_KINDS, SEEN, WAVEFORMS
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_trial_page import fields_of, url_of
from tests.factories import make_lead, make_trial

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 10, 12)

LEAD: dict[str, Any] = {"kind": "percutaneous", "contacts": 8, "level": "T8", "side": "left"}
DRG: dict[str, Any] = {"kind": "drg", "contacts": 4, "ganglion": "L5", "side": "right"}
# fmt: off
LEADS = [
    # a lead                                              refused at
    (LEAD,                                                set()),
    (LEAD | {"side": "midline"},                          set()),
    (LEAD | {"kind": "paddle", "contacts": 16},           set()),
    (DRG,                                                 set()),
    (LEAD | {"level": ""},                                {"level"}),
    (LEAD | {"ganglion": "L5"},                           {"ganglion"}),
    (LEAD | {"level": "T13"},                             {"level"}),
    (DRG | {"ganglion": ""},                              {"ganglion"}),
    (DRG | {"level": "L5"},                               {"level"}),
    (DRG | {"side": "midline"},                           {"side"}),
    (LEAD | {"contacts": 0},                              {"contacts"}),
    (LEAD | {"contacts": 33},                             {"contacts"}),
    (LEAD | {"kind": "brand X"},                          {"kind"}),
    (LEAD | {"removed_on": DAY, "tip_intact": "true"},    set()),
    (LEAD | {"is_kept": True},                            set()),
    (LEAD | {"removed_on": DAY, "is_kept": True},         {"is_kept"}),
    (LEAD | {"tip_intact": "false"},                      {"tip_intact"}),
]
PROGRAM: dict[str, Any] = {"name": "A", "waveform": "tonic", "started_on": DAY}
PROGRAMS = [
    # a program                                           refused at
    (PROGRAM,                                             set()),
    (PROGRAM | {"contacts": "1+ 2- 3-"},                  set()),
    (PROGRAM | {"contacts": "1+,2-"},                     {"contacts"}),
    (PROGRAM | {"contacts": "left"},                      {"contacts"}),
    (PROGRAM | {"coverage_percent": 0},                   set()),
    (PROGRAM | {"coverage_percent": 100},                 set()),
    (PROGRAM | {"coverage_percent": 101},                 {"coverage_percent"}),
    (PROGRAM | {"waveform": "hf10"},                      set()),
    # Where nothing is felt there is no coverage, not a coverage of 0.
    (PROGRAM | {"waveform": "hf10", "coverage_percent": 0}, {"coverage_percent"}),
    (PROGRAM | {"waveform": "burst", "coverage_percent": 40}, set()),
    (PROGRAM | {"waveform": "magic"},                     {"waveform"}),
]
EVENT: dict[str, Any] = {"onset_on": DAY, "code": "infection", "severity": "moderate"}
SERIOUS = EVENT | {"serious": True, "serious_because": "hospital"}
ADVERSE = [
    # an event                                            refused at
    (EVENT,                                               set()),
    (SERIOUS,                                             set()),
    (EVENT | {"serious": True},                           {"serious_because"}),
    (EVENT | {"serious_because": "hospital"},             {"serious"}),
    (EVENT | {"related_to": "procedure", "relation": "probable"}, set()),
    (EVENT | {"related_to": "none", "relation": "not"},   set()),
    (EVENT | {"relation": "possible"},                    {"related_to"}),
    (EVENT | {"related_to": "none", "relation": "causal"}, {"related_to"}),
    (EVENT | {"action": "lead_removal", "outcome": "recovering"}, set()),
    (EVENT | {"action": "magic"},                        {"action"}),
    (EVENT | {"outcome": "fine"},                         {"outcome"}),
    (EVENT | {"code": "bad luck"},                        {"code"}),
]
# fmt: on


def errors(form: Any, *, trial: StimulationTrial) -> set[str]:
    form.instance.trial = trial
    return set(form.errors)


@pytest.mark.parametrize(("facts", "refused"), LEADS)
def test_a_lead_lies_at_a_level_or_at_a_ganglion(
    clinic: Clinic, facts: dict[str, Any], refused: set[str]
) -> None:
    trial = make_trial(clinic=clinic)

    assert errors(LeadForm(facts | {"trial": str(trial.pk)}), trial=trial) == refused


@pytest.mark.parametrize(("facts", "refused"), PROGRAMS)
def test_a_program_has_its_contacts_and_coverage_where_something_is_felt(
    clinic: Clinic, facts: dict[str, Any], refused: set[str]
) -> None:
    trial = make_trial(clinic=clinic)

    assert errors(ProgramForm(facts | {"trial": str(trial.pk)}), trial=trial) == refused


@pytest.mark.parametrize(("facts", "refused"), ADVERSE)
def test_an_adverse_event_is_coded_and_says_what_makes_it_serious(
    clinic: Clinic, facts: dict[str, Any], refused: set[str]
) -> None:
    trial = make_trial(clinic=clinic)

    assert errors(AdverseEventForm(facts | {"trial": str(trial.pk)}), trial=trial) == refused


def test_an_older_event_that_nobody_touches_is_no_obstacle(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    kept = AdverseEvent.objects.create(trial=trial, **EVENT, serious=True)
    sent = {"trial": str(trial.pk), **EVENT, "serious": True}

    assert AdverseEventForm(sent, instance=kept).errors == {}
    assert set(AdverseEventForm(sent | {"severity": "severe"}, instance=kept).errors) == {"serious_because"}


# fmt: off
ROWS: list[tuple[Any, dict[str, Any]]] = [
    (Lead,            LEAD | {"level": "", "ganglion": "L5"}),
    (Lead,            DRG | {"side": "midline"}),
    (Lead,            LEAD | {"contacts": 33}),
    (Lead,            LEAD | {"removed_on": DAY, "is_kept": True}),
    (ProgramInterval, PROGRAM | {"coverage_percent": 101}),
    (ProgramInterval, PROGRAM | {"waveform": "hf10", "coverage_percent": 0}),
    (AdverseEvent,    EVENT | {"serious_because": "hospital"}),
    (AdverseEvent,    EVENT | {"ended_on": DAY - timedelta(days=1)}),
    (AdverseEvent,    EVENT | {"outcome": "fine"}),
]
# fmt: on


@pytest.mark.parametrize(("model", "facts"), ROWS)
def test_the_database_refuses_what_the_form_refuses(
    clinic: Clinic, model: Any, facts: dict[str, Any]
) -> None:
    trial = make_trial(clinic=clinic)

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(trial=trial, **facts)


def test_an_extension_is_never_changed_nor_deleted(clinic: Clinic) -> None:
    made = Extension.objects.create(
        trial=make_trial(clinic=clinic), planned_end_on=DAY, days=4, extended_at="2026-10-12T18:00Z"
    )

    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        Extension.objects.filter(pk=made.pk).update(reason="another")
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        Extension.objects.filter(pk=made.pk).delete()


def test_a_code_of_an_older_row_stays_on_offer() -> None:
    assert kept_and(EVENTS, "told_by_hand")[0] == ("told_by_hand", "told_by_hand")
    assert [code for code, _ in kept_and(EVENTS, "infection")] == ["", *EVENTS]


def test_a_hard_rule_rests_on_nothing_unverified() -> None:
    """Only a waveform of which a source says that nothing is felt forbids a coverage."""
    assert NOT_FELT == ["hf10"]
    assert all(WAVEFORMS[code].mark == SEEN for code in NOT_FELT)
    assert {code for code, kind in LEAD_KINDS.items() if not kind.is_externalised} == {"wireless"}
    assert len(SERIOUS_BECAUSE) == 6


def test_a_lead_is_written_on_the_page_with_its_trace_and_is_another_clinics_secret(
    clinic: Clinic, coordinator: User, stranger: User, as_staff: Visit
) -> None:
    trial = make_trial(clinic=clinic)
    client = as_staff(coordinator)
    row = {f"leads-0-{name}": value for name, value in LEAD.items()}
    sent = fields_of(client, url_of(trial)) | {"leads-TOTAL_FORMS": "1"} | row

    assert as_staff(stranger).post(url_of(trial), sent).status_code == 404
    assert not trial.leads.exists()
    assert client.post(url_of(trial), sent).status_code == 302

    assert str(trial.leads.get()) == "Percutaneous, pulled at the end, 8 contacts, level T8, left"
    assert AuditEvent.objects.get(object_type="lead").action == "create"


@pytest.mark.parametrize("who", ["site_admin", "analyst"])
def test_who_only_reads_sees_the_leads_and_changes_none(
    request: pytest.FixtureRequest, clinic: Clinic, as_staff: Visit, who: str
) -> None:
    trial = make_trial(clinic=clinic)
    make_lead(trial)
    client = as_staff(request.getfixturevalue(who))

    page = client.get(url_of(trial)).content.decode()

    assert "Percutaneous, pulled at the end" in page
    assert 'name="leads-0-contacts"' not in page
