"""Lives one patient day with the generated client; prints what it saw as JSON.

python live_a_day.py URL CODE ZONE
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from sctrial_client import AuthenticatedClient, Client
from sctrial_client.api.corrections import list_corrections, put_correction
from sctrial_client.api.diary import (
    get_diary_entry,
    get_today,
    list_diary_entries,
    post_diary_batch,
    put_diary_answer,
    put_diary_entry,
)
from sctrial_client.api.phone import delete_device, get_device, pair_device, put_consent, put_device
from sctrial_client.models import (
    AnswerBody,
    AnswerBodyAnswer,
    AnswerBodyQuestion,
    AnswerOut,
    BatchAnswer,
    BatchBody,
    BatchEntry,
    BatchOut,
    ConsentBody,
    ConsentBodyDecision,
    CorrectionBody,
    CorrectionBodyReason,
    DeviceBody,
    DeviceOut,
    EntriesOut,
    EntryBody,
    EntryBodyKind,
    EntryOut,
    FormOut,
    PairedOut,
    PairingBody,
    ProblemOut,
    QuestionOut,
    RemindersBody,
    TodayOut,
    WindowOut,
)
from sctrial_client.types import UNSET, Response, Unset

Wanted = TypeVar("Wanted")
TARGET = "target.average"
AMENDED = 4
# The first choice, the middle of the numbers: any answer that the form allows would do.
ANSWERS: dict[str, Callable[[FormOut], Any]] = {
    "number": lambda form: form.minimum,
    "choice": lambda form: (form.choices or [""])[0],
    "choices": lambda _form: [],
    "text": lambda _form: "A quiet day.",
}


class Day:
    """What the client saw, by step."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.statuses: dict[str, int] = {}
        self.seen: dict[str, Any] = {"statuses": self.statuses}

    def now(self) -> str:
        return datetime.now(ZoneInfo(self.zone)).isoformat(timespec="seconds")

    def note(self, step: str, response: Response[Any]) -> Any:
        self.statuses[step] = int(response.status_code)
        return response.parsed

    def take(self, step: str, response: Response[Any], wanted: type[Wanted]) -> Wanted:
        """The parsed answer, of the type that the contract says."""
        parsed = self.note(step, response)
        if not isinstance(parsed, wanted):
            raise SystemExit(f"{step}: {response.status_code} {response.content!r}")
        return parsed

    def entry(self, value: int, *, region: str = "target", supersedes: str | Unset = UNSET) -> EntryBody:
        return EntryBody(
            captured_at=self.now(),
            zone=self.zone,
            instrument_version="nrs-average-24h/1",
            region=region,
            kind=EntryBodyKind.AVERAGE,
            value=value,
            supersedes=supersedes,
        )

    def answer(self, question: str, version: str, answer: dict[str, Any]) -> AnswerBody:
        return AnswerBody(
            captured_at=self.now(),
            zone=self.zone,
            instrument_version=version,
            question=AnswerBodyQuestion(question),
            answer=AnswerBodyAnswer.from_dict(answer),
        )


def join(day: Day, url: str, code: str) -> AuthenticatedClient:
    anybody = Client(base_url=url)
    body = PairingBody(code=code, label="Python", attempt=str(uuid4()), language="en", zone=day.zone)
    day.take("pair", pair_device.sync_detailed(client=anybody, body=body), PairedOut)
    again = pair_device.sync_detailed(client=anybody, body=body)
    paired = day.take("pair again, as if the reply was lost", again, PairedOut)
    phone = AuthenticatedClient(base_url=url, token=paired.token)
    consent = ConsentBody(
        decision=ConsentBodyDecision.GIVEN,
        version="diary-consent/1",
        language="en",
        captured_at=day.now(),
        zone=day.zone,
    )
    day.note("consent", put_consent.sync_detailed(str(uuid4()), client=phone, body=consent))
    return phone


def window_of(today: TodayOut) -> WindowOut:
    return next(one for one in today.days if one.diary_day == today.diary_day).windows[0]


def read_the_day(day: Day, phone: AuthenticatedClient) -> TodayOut:
    response = get_today.sync_detailed(client=phone, zone=day.zone)
    today = day.take("today", response, TodayOut)
    unchanged = get_today.sync_detailed(
        client=phone, zone=day.zone, if_none_match=str(response.headers["ETag"])
    )
    day.note("today, unchanged", unchanged)
    day.seen["asked"] = window_of(today).asks
    return today


def say_the_pain(day: Day, phone: AuthenticatedClient) -> tuple[str, EntryBody]:
    first, body = str(uuid4()), day.entry(6)
    sent = put_diary_entry.sync_detailed(first, client=phone, body=body)
    twice = put_diary_entry.sync_detailed(first, client=phone, body=body)
    day.take("target pain", sent, EntryOut)
    day.take("target pain, sent twice", twice, EntryOut)
    amended, better = str(uuid4()), day.entry(AMENDED, supersedes=first)
    day.note("target pain, amended", put_diary_entry.sync_detailed(amended, client=phone, body=better))
    other = put_diary_entry.sync_detailed(str(uuid4()), client=phone, body=day.entry(5))
    day.note("target pain, for a slot that is taken", other)
    day.seen |= {
        "first": first,
        "amended value": AMENDED,
        "replay is the same": sent.content == twice.content,
    }
    return amended, better


def say_too_much(day: Day, phone: AuthenticatedClient) -> None:
    response = put_diary_entry.sync_detailed(str(uuid4()), client=phone, body=day.entry(11))
    refusal = day.take("off the scale", response, ProblemOut)
    error = refusal.errors[0]
    day.seen["refusal"] = {"code": refusal.code, "pointer": error.pointer, "error": error.code}


def answer_the_rest(day: Day, phone: AuthenticatedClient, today: TodayOut) -> None:
    for key in window_of(today).asks:
        question = today.questions[key]
        if key != TARGET:
            response = answer_one(day, phone, question)
            day.note(key, response)


def answer_one(day: Day, phone: AuthenticatedClient, question: QuestionOut) -> Response[Any]:
    form = question.form
    if isinstance(question.region, str):
        body = day.entry(2, region=question.region)
        return put_diary_entry.sync_detailed(str(uuid4()), client=phone, body=body)
    answer = {form.type_.value: ANSWERS[form.type_.value](form)}
    said = day.answer(str(question.question), question.instrument_version, answer)
    return put_diary_answer.sync_detailed(str(uuid4()), client=phone, body=said)


def send_a_backlog(day: Day, phone: AuthenticatedClient, amended: str, body: EntryBody) -> None:
    note = day.answer("note", "note/1", {"text": "A quiet day."})
    batch = BatchBody(
        entries=[BatchEntry.from_dict({"id": amended, **body.to_dict()})],
        answers=[BatchAnswer.from_dict({"id": str(uuid4()), **note.to_dict()})],
    )
    response = post_diary_batch.sync_detailed(client=phone, body=batch)
    results = day.take("batch", response, BatchOut).results
    day.seen["batch statuses"] = [result.status for result in results]


def name_a_red_flag(day: Day, phone: AuthenticatedClient) -> None:
    body = day.answer("red_flags", "red-flags/1", {"choices": ["fever"]})
    response = put_diary_answer.sync_detailed(str(uuid4()), client=phone, body=body)
    answer = day.take("red flag", response, AnswerOut)
    day.seen["safety"] = answer.safety.to_dict() if answer.safety else None


def ask_for_a_correction(day: Day, phone: AuthenticatedClient, entry: str) -> None:
    body = CorrectionBody(
        entry=entry,
        reason=CorrectionBodyReason.WRONG_NUMBER,
        text="I meant 3.",
        proposed_value=3,
        captured_at=day.now(),
        zone=day.zone,
    )
    day.note("correction", put_correction.sync_detailed(str(uuid4()), client=phone, body=body))
    day.note("corrections", list_corrections.sync_detailed(client=phone))
    day.seen["corrected"] = entry


def read_back(day: Day, phone: AuthenticatedClient, entry: str) -> None:
    day.take("entry, read back", get_diary_entry.sync_detailed(entry, client=phone), EntryOut)
    whole = day.take("entries", list_diary_entries.sync_detailed(client=phone), EntriesOut)
    pages = 1
    following = day.take("entries", list_diary_entries.sync_detailed(client=phone, limit=1), EntriesOut).next_
    while following:
        cursor = parse_qs(urlsplit(following).query)["cursor"][0]
        page = list_diary_entries.sync_detailed(client=phone, limit=1, cursor=cursor)
        following = day.take("entries", page, EntriesOut).next_
        pages += 1
    day.seen |= {"pages": pages, "entries received": len(whole.results)}
    today = day.take("today", get_today.sync_detailed(client=phone, zone=day.zone), TodayOut)
    day.seen["answered after the day"] = sorted(window_of(today).answered.additional_keys)


def change_settings(day: Day, phone: AuthenticatedClient) -> None:
    response = get_device.sync_detailed(client=phone)
    day.take("device", response, DeviceOut)
    etag = str(response.headers["ETag"])
    reminders = RemindersBody(push=False, email=True, sms=False)
    body = DeviceBody(label="Python", language="de", zone=day.zone, reminders=reminders)
    day.note("device, without If-Match", put_device.sync_detailed(client=phone, body=body))
    changed = put_device.sync_detailed(client=phone, body=body, if_match=etag)
    day.seen["language"] = day.take("device, changed", changed, DeviceOut).language
    day.note("device, with an old ETag", put_device.sync_detailed(client=phone, body=body, if_match=etag))


def leave(day: Day, phone: AuthenticatedClient) -> None:
    day.note("leave", delete_device.sync_detailed(client=phone))
    day.note("today, after leaving", get_today.sync_detailed(client=phone))


def main(url: str, code: str, zone: str) -> None:
    day = Day(zone)
    phone = join(day, url, code)
    today = read_the_day(day, phone)
    amended, body = say_the_pain(day, phone)
    say_too_much(day, phone)
    answer_the_rest(day, phone, today)
    send_a_backlog(day, phone, amended, body)
    name_a_red_flag(day, phone)
    ask_for_a_correction(day, phone, amended)
    read_back(day, phone, amended)
    change_settings(day, phone)
    leave(day, phone)
    print(json.dumps(day.seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
