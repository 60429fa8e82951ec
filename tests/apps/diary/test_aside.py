"""One answer stands in each place, whatever comes first: what changes a refused answer changes nothing."""

import uuid
from itertools import permutations
from typing import Any

import pytest

from apps.diary.aside import body_of, close_gaps
from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, ParkedAnswer, StaffTask
from apps.diary.replacing import question_of, value_of
from apps.diary.schemas import EntryBody, parse
from apps.diary.selectors import not_standing, standing
from apps.diary.settling import accept_correction, leave_parked, take_parked
from apps.diary.staff_acts import Act
from apps.outcomes.querysets import standing_entries
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone
from tests.factories import NOW, make_answer_body, make_entry_body

pytestmark = pytest.mark.django_db
Sent = dict[str, dict[str, Any]]
ACT = Act("staff:1", NOW)

#: Four answers to one question of one evening: a first one, a rival, and two changes of the rival.
TWO_PHONES: Sent = {
    "first": make_entry_body(value=2),
    "rival": make_entry_body(value=5),
    "rival, changed": make_entry_body(value=6, supersedes="rival"),
    "rival, changed again": make_entry_body(value=7, supersedes="rival, changed"),
}
#: A change that names the answer to another question, that answer, and the change which is one.
ANOTHER_QUESTION: Sent = {
    "worst": make_entry_body(value=8, kind="worst"),
    "average, names worst": make_entry_body(value=4, supersedes="worst"),
    "and its own change": make_entry_body(value=3, supersedes="average, names worst"),
    "worst, changed": make_entry_body(value=9, kind="worst", supersedes="worst"),
}
#: Two changes of an answer that never comes, beside the first answer of that evening.
GAP: Sent = {
    "first": make_entry_body(value=2),
    "lost, changed": make_entry_body(value=6, supersedes="lost"),
    "lost, changed again": make_entry_body(value=7, supersedes="lost, changed"),
}
#: An answer, its change, and the change of that: the one in the middle may come last.
ONE_PHONE: Sent = {
    "first": make_entry_body(value=2),
    "changed": make_entry_body(value=6, supersedes="first"),
    "changed again": make_entry_body(value=7, supersedes="changed"),
}
#: Neither of the answers that these change ever comes.
TWO_GAPS: Sent = {
    "begun first": make_entry_body(
        value=3, captured_at="2026-10-12T19:00:00+02:00", supersedes="one that is lost"
    ),
    "begun later": make_entry_body(
        value=9, captured_at="2026-10-12T21:00:00+02:00", supersedes="another that is lost"
    ),
}


@pytest.fixture(autouse=True)
def evenings(trial: StimulationTrial) -> None:
    trial.diary_windows = "18:00-24:00"
    trial.save()


class Names:
    """Sends things by name and tells of the record by name."""

    def __init__(self, phone: Phone, sent: Sent) -> None:
        self.phone, self.sent = phone, sent
        named = {body["supersedes"] for body in sent.values() if "supersedes" in body}
        self.ids = {name: str(uuid.uuid4()) for name in {*sent, *named}}
        self.names = {uuid.UUID(pk): name for name, pk in self.ids.items()}

    def send(self, name: str) -> int:
        body = self.sent[name]
        named = {"supersedes": self.ids[body["supersedes"]]} if "supersedes" in body else {}
        status: int = self.phone.entry(body | named, entry_id=self.ids[name]).status_code
        return status

    def send_all(self, order: tuple[str, ...]) -> None:
        for name in order:
            self.send(name)

    def standing(self) -> dict[tuple[str, ...], list[Any]]:
        found: dict[tuple[str, ...], list[Any]] = {}
        for row in standing(DiaryEntry.objects.all()):
            found.setdefault(question_of(row), []).append(value_of(row))
        return found

    def waiting(self) -> dict[str, str]:
        tasks = set(StaffTask.objects.filter(closed_at__isnull=True).values_list("subject", flat=True))
        rows = ParkedAnswer.objects.filter(closed_at__isnull=True)
        assert {str(row.pk) for row in rows} == tasks
        return {self.names[row.pk]: row.why for row in rows}


@pytest.mark.parametrize("order", list(permutations(TWO_PHONES)), ids=" < ".join)
def test_the_first_of_two_answers_stands_alone_and_the_other_waits_with_its_changes(
    phone: Phone, order: tuple[str, ...]
) -> None:
    names = Names(phone, TWO_PHONES)

    names.send_all(order)

    if order.index("first") < order.index("rival"):
        assert names.standing() == {("target", "average"): [2]}
        rival = ("rival", "rival, changed", "rival, changed again")
        assert names.waiting() == dict.fromkeys(rival, "slot_taken")
    else:
        assert names.standing() == {("target", "average"): [7]}
        assert names.waiting() == {"first": "slot_taken"}


@pytest.mark.parametrize("order", list(permutations(ANOTHER_QUESTION)), ids=" < ".join)
def test_a_change_hides_no_answer_to_another_question(phone: Phone, order: tuple[str, ...]) -> None:
    names = Names(phone, ANOTHER_QUESTION)

    names.send_all(order)

    assert names.standing() == {("target", "worst"): [9]}


@pytest.mark.parametrize("order", list(permutations(GAP)), ids=" < ".join)
def test_a_change_of_what_never_comes_waits_beside_the_answer_that_did(
    phone: Phone, order: tuple[str, ...]
) -> None:
    names = Names(phone, GAP)

    names.send_all(order)

    assert names.standing() == {("target", "average"): [2]}
    assert names.waiting() == dict.fromkeys(("lost, changed", "lost, changed again"), "base_missing")


@pytest.mark.parametrize("order", list(permutations(ONE_PHONE)), ids=" < ".join)
def test_what_waited_for_what_it_changes_counts_once_that_has_come(
    phone: Phone, order: tuple[str, ...]
) -> None:
    names = Names(phone, ONE_PHONE)

    names.send_all(order)

    assert names.standing() == {("target", "average"): [7]}
    assert names.waiting() == {}


def test_without_a_first_answer_a_change_stands_alone(phone: Phone) -> None:
    names = Names(phone, GAP)

    names.send_all(("lost, changed", "lost, changed again"))

    assert (names.standing(), names.waiting()) == ({("target", "average"): [7]}, {})


@pytest.mark.parametrize("order", list(permutations(TWO_GAPS)), ids=" < ".join)
def test_of_two_changes_without_a_first_answer_the_one_begun_first_stands(
    phone: Phone, order: tuple[str, ...]
) -> None:
    names = Names(phone, TWO_GAPS)

    names.send_all(order)

    assert names.standing() == {("target", "average"): [3]}
    assert names.waiting() == {"begun later": "base_missing"}


def test_what_counted_meanwhile_can_wait_again(phone: Phone) -> None:
    earliest = make_entry_body(value=1, captured_at="2026-10-12T18:30:00+02:00", supersedes="a third")
    worst = make_entry_body(value=8, kind="worst")
    names = Names(phone, TWO_GAPS | {"earliest": earliest, "one that is lost": worst})
    names.send_all(("begun first", "begun later", "one that is lost"))
    assert names.standing() == {("target", "average"): [9], ("target", "worst"): [8]}
    assert names.waiting() == {"begun first": "base_elsewhere"}

    names.send("earliest")

    assert names.standing() == {("target", "average"): [1], ("target", "worst"): [8]}
    assert names.waiting() == {"begun first": "base_elsewhere", "begun later": "base_missing"}


def test_the_trial_is_judged_anew_when_an_answer_counts_again(trial: StimulationTrial, phone: Phone) -> None:
    names = Names(phone, ONE_PHONE)
    names.send_all(("first", "changed again"))
    before = StimulationTrial.objects.get(pk=trial.pk).evidence_version

    names.send("changed")

    # One for the answer, one for what counts again.
    assert StimulationTrial.objects.get(pk=trial.pk).evidence_version == before + 2


def test_what_staff_have_left_stays_left_when_the_missing_answer_comes(phone: Phone) -> None:
    names = Names(phone, ONE_PHONE | {"at last": make_entry_body(value=8, supersedes="changed again")})
    names.send_all(("first", "changed again"))
    leave_parked(ParkedAnswer.objects.get(pk=names.ids["changed again"]), act=ACT)

    names.send_all(("changed", "at last"))

    assert names.standing() == {("target", "average"): [6]}
    assert names.waiting() == {"at last": "slot_taken"}


def test_what_staff_wrote_holds_its_place(trial: StimulationTrial, phone: Phone) -> None:
    names = Names(phone, GAP)
    names.send("lost, changed")
    base = names.ids["lost, changed"]
    asked = {"entry": base, "reason": "wrong_number", "text": "I meant 4.", "zone": "Europe/Berlin"}
    asked["captured_at"] = "2026-10-12T20:20:00+02:00"
    request = phone.put(f"diary/corrections/{uuid.uuid4()}", asked).json()["id"]
    accept_correction(
        CorrectionRequest.objects.get(pk=request), 4, beside=uuid.UUID(base), reason="by telephone", act=ACT
    )

    names.send("first")

    assert names.standing() == {("target", "average"): [4]}
    assert names.waiting() == {"first": "slot_taken"}
    assert ParkedAnswer.objects.get().body == parse(EntryBody, GAP["first"]).model_dump()


def test_two_phones_that_send_in_one_moment_are_looked_at_once_more(
    trial: StimulationTrial, phone: Phone
) -> None:
    names = Names(phone, GAP)
    names.send("lost, changed")
    # As if neither had seen the other: the row is there, and nobody has looked at its place.
    first = DiaryEntry.objects.get()
    first.id, first.value, first.supersedes_id = uuid.UUID(names.ids["first"]), 2, None
    DiaryEntry.objects.bulk_create([first])
    assert standing(DiaryEntry.objects.all()).count() == 2

    close_gaps([trial.pk], at=NOW)

    assert names.standing() == {("target", "average"): [2]}
    assert names.waiting() == {"lost, changed": "base_missing"}


def test_who_was_told_that_it_was_taken_waits_for_staff_and_who_was_refused_knows(phone: Phone) -> None:
    names = Names(phone, ANOTHER_QUESTION)

    assert (names.send("average, names worst"), names.send("worst")) == (201, 201)
    assert names.waiting() == {"average, names worst": "base_elsewhere"}
    assert (names.send("average, names worst"), names.send("and its own change")) == (200, 400)


def test_an_answer_of_another_evening_is_not_hidden(trial: StimulationTrial, phone: Phone) -> None:
    names = Names(
        phone,
        {
            "monday": make_entry_body(value=8),
            "sunday, names monday": make_entry_body(
                value=4, captured_at="2026-10-11T20:14:05+02:00", supersedes="monday"
            ),
        },
    )

    names.send_all(("sunday, names monday", "monday"))

    assert [row[5] for row in standing_entries([trial])] == [8]
    assert names.waiting() == {"sunday, names monday": "base_elsewhere"}


def test_a_rival_that_agrees_needs_nobody_but_its_change_does(phone: Phone) -> None:
    names = Names(phone, TWO_PHONES | {"rival": TWO_PHONES["first"]})

    names.send_all(("first", "rival", "rival, changed"))

    assert names.standing() == {("target", "average"): [2]}
    assert names.waiting() == {"rival, changed": "slot_taken"}


def test_the_trial_is_judged_anew_when_an_answer_is_put_aside(trial: StimulationTrial, phone: Phone) -> None:
    names = Names(phone, TWO_PHONES)
    names.send_all(("rival, changed", "first"))
    before = StimulationTrial.objects.get(pk=trial.pk).evidence_version

    names.send_all(("rival",))
    once = StimulationTrial.objects.get(pk=trial.pk).evidence_version
    names.send_all(("rival",))

    assert (once, StimulationTrial.objects.get(pk=trial.pk).evidence_version) == (before + 1, once)


def test_both_in_one_piece_are_settled_too(phone: Phone) -> None:
    names = Names(phone, TWO_PHONES)
    names.send("first")
    items = [
        TWO_PHONES["rival, changed"] | {"id": names.ids["rival, changed"], "supersedes": names.ids["rival"]},
        TWO_PHONES["rival"] | {"id": names.ids["rival"]},
    ]

    phone.send("POST", "diary/entries/batch", {"entries": items})

    assert names.standing() == {("target", "average"): [2]}
    assert names.waiting() == dict.fromkeys(("rival", "rival, changed"), "slot_taken")


@pytest.mark.parametrize("order", [("rival", "rival, changed"), ("rival, changed", "rival")])
def test_staff_take_the_change_of_a_refused_answer_alike_in_either_order(
    phone: Phone, order: tuple[str, ...]
) -> None:
    names = Names(phone, TWO_PHONES)
    names.send_all(("first", *order))
    stands = standing(DiaryEntry.objects.all()).get()

    leave_parked(ParkedAnswer.objects.get(pk=names.ids["rival"]), act=ACT)
    changed = ParkedAnswer.objects.get(pk=names.ids["rival, changed"])
    taken = take_parked(changed, beside=stands.pk, reason="told by telephone", act=ACT)

    assert (taken.supersedes_id, names.standing()) == (stands.pk, {("target", "average"): [6]})
    assert names.waiting() == {}


def test_what_was_put_aside_is_marked_as_not_standing(phone: Phone) -> None:
    names = Names(phone, TWO_PHONES)
    names.send_all(("rival, changed", "first", "rival"))

    marked = DiaryEntry.objects.annotate(is_replaced=not_standing(DiaryEntry))

    assert dict(marked.values_list("value", "is_replaced")) == {2: False, 6: True}


def test_other_questions_are_settled_as_scores_are(phone: Phone) -> None:
    rival = str(uuid.uuid4())
    phone.answer(make_answer_body(answer={"number": 6}, supersedes=rival))
    phone.answer(make_answer_body(answer={"number": 2}))

    phone.answer(make_answer_body(answer={"number": 5}), answer_id=rival)

    assert [row.answer for row in standing(DiaryAnswer.objects.all())] == [{"number": 2}]
    assert ParkedAnswer.objects.filter(is_stored=True).get().body["answer"] == {"number": 6}


def test_the_body_that_staff_see_is_the_one_that_was_sent(phone: Phone) -> None:
    body = make_entry_body(supersedes=str(uuid.uuid4()), begun_at="2026-10-12T19:29:40+02:00", language="de")
    phone.entry(body)

    assert body_of(DiaryEntry.objects.get()) == parse(EntryBody, body).model_dump()
