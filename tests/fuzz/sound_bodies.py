"""The contract, narrowed to bodies that a phone would send now: few ids, so that they meet again."""

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sctrial.questions import QUESTIONS, Form, Question
from tests.fuzz.contract import DESCRIPTION

Schema = dict[str, Any]
# Two of each sort: enough to meet, and for one to replace the other.
IDS = {
    "entry_id": ["11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-222222222222"],
    "answer_id": ["22222222-2222-4222-8222-111111111111", "22222222-2222-4222-8222-222222222222"],
    "correction_id": ["33333333-3333-4333-8333-111111111111", "33333333-3333-4333-8333-222222222222"],
    "consent_id": ["44444444-4444-4444-8444-111111111111", "44444444-4444-4444-8444-222222222222"],
}


def exactly(**properties: Schema) -> Schema:
    """An object of these fields; those called `maybe_...` may be left out."""
    fields = {name.removeprefix("maybe_"): schema for name, schema in properties.items()}
    needed = [name for name in properties if not name.startswith("maybe_")]
    return {"type": "object", "properties": fields, "required": needed, "additionalProperties": False}


def one_of(*values: Any) -> Schema:
    return {"enum": list(values)}


def up_to_two(items: Schema) -> Schema:
    return {"type": "array", "items": items, "maxItems": 2}


def form_of(question: Question) -> Schema:
    forms: Mapping[Form, Schema] = {
        Form.NUMBER: one_of(*range(question.minimum, question.maximum + 1, question.step)),
        Form.CHOICE: one_of(*question.choices),
        Form.CHOICES: one_of([], *([choice] for choice in question.choices)),
        Form.TEXT: one_of("Slept badly after the check-up."),
    }
    return exactly(**{question.form.value: forms[question.form]})


def bodies(at: datetime) -> dict[str, Schema]:
    moments = [(at - timedelta(seconds=seconds)).isoformat(timespec="seconds") for seconds in (60, 30)]
    moment = {"captured_at": one_of(*moments), "zone": one_of("UTC")}
    entry = {
        "region": one_of("target", "wound"),
        "kind": one_of("average"),
        "value": one_of(3, 4),
        "instrument_version": one_of("nrs-average-24h/1"),
        "maybe_supersedes": one_of(*IDS["entry_id"]),
        **moment,
    }
    answers = [
        {
            "question": one_of(question.code),
            "answer": form_of(question),
            "instrument_version": one_of(question.version),
            "maybe_supersedes": one_of(*IDS["answer_id"]),
            **moment,
        }
        for question in QUESTIONS.values()
    ]
    batch_entry = exactly(id=one_of(*IDS["entry_id"]), **entry)
    batch_answers = [exactly(id=one_of(*IDS["answer_id"]), **answer) for answer in answers]
    return {
        "EntryBody": exactly(**entry),
        "AnswerBody": {"oneOf": [exactly(**answer) for answer in answers]},
        "BatchBody": exactly(entries=up_to_two(batch_entry), answers=up_to_two({"oneOf": batch_answers})),
        **other_bodies(moment),
    }


def other_bodies(moment: Mapping[str, Schema]) -> dict[str, Schema]:
    return {
        "CorrectionBody": exactly(
            entry=one_of(*IDS["entry_id"]),
            reason=one_of("wrong_number"),
            text=one_of("I meant 3.", "I meant another one."),
            proposed_value=one_of(3),
            **moment,
        ),
        "ConsentBody": exactly(
            decision=one_of("given", "withdrawn"),
            version=one_of("diary-consent/1"),
            language=one_of("en"),
            **moment,
        ),
        "DeviceBody": exactly(
            label=one_of("My phone"),
            language=one_of("en", "de"),
            zone=one_of("UTC", "Asia/Tokyo"),
            reminders=exactly(push=one_of(True), email=one_of(False), sms=one_of(False)),
        ),
    }


QUERIES = {"lang": one_of("en", "de"), "zone": one_of("UTC"), "limit": one_of(1, 50)}


def link(operation_id: str, **parameters: str) -> Schema:
    return {"operationId": operation_id, "parameters": parameters}


#: What may follow what: after a PUT the same id again, with another body or to be read.
FOLLOWING = {
    "put_diary_entry": {"entry_id": ("put_diary_entry", "get_diary_entry")},
    "put_diary_answer": {"answer_id": ("put_diary_answer", "get_diary_answer")},
    "put_correction": {"correction_id": ("put_correction", "get_correction")},
    "put_consent": {"consent_id": ("put_consent", "get_consent")},
}
SETTINGS = {"again": link("put_device", **{"header.If-Match": "$response.header.ETag"})}


def narrowed(at: datetime) -> Schema:
    """The description with these bodies, these ids and the links between its operations."""
    document = copy.deepcopy(DESCRIPTION)
    document["components"]["schemas"] |= bodies(at)
    for item in document["paths"].values():
        for operation in item.values():
            _narrow(operation)
    return document


def _narrow(operation: Schema) -> None:
    # A cursor comes from an answer; none can be thought up.
    operation["parameters"] = [one for one in operation.get("parameters", ()) if one["name"] != "cursor"]
    for parameter in operation["parameters"]:
        if parameter["name"] in IDS:
            parameter["schema"] = one_of(*IDS[parameter["name"]])
        parameter["schema"] = QUERIES.get(parameter["name"], parameter["schema"])
    for parameter, followers in FOLLOWING.get(operation["operationId"], {}).items():
        for status in ("200", "201"):
            operation["responses"][status]["links"] = {
                follower: link(follower, **{parameter: f"$request.path.{parameter}"})
                for follower in followers
            }
    if operation["operationId"] in ("get_device", "put_device"):
        operation["responses"]["200"]["links"] = SETTINGS
