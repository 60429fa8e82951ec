"""What a diary asks beside pain scores: codes, the form of an answer, and when it is asked.

Our own generic questions, no licensed instrument. Wording stands apart from this table, by language.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sctrial.phases import DiaryPhase

#: Long enough for a sentence or two; a diary is no place for a letter.
LONGEST_TEXT: Final = 200


class Form(StrEnum):
    """What an answer looks like; also the one key of its JSON object."""

    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"


class Asked(StrEnum):
    """When a question belongs to the day."""

    #: Every day of both phases.
    DAILY = "daily"
    #: Every day from the placement of the leads on.
    TRIAL = "trial"
    #: From the last planned day of the trial on.
    CLOSING = "closing"
    #: Never put to the patient; open at any time.
    ANY_TIME = "any_time"


class NotAnAnswer(ValueError):
    """An answer that the question does not have; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``several`` is true when it may be answered more than once in a window."""

    code: str
    form: Form
    asked: Asked
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 0
    step: int = 1
    several: bool = False

    @property
    def version(self) -> str:
        """The wording's name as answers carry it; a changed meaning is a new number."""
        return f"{self.code.replace('_', '-')}/1"

    def read(self, answer: object) -> dict[str, object]:
        """``answer`` as it is stored: one key, checked, choices in the order of the table.

        Raises NotAnAnswer. Nothing is coerced: 7.0, "7" and True are no numbers.
        """
        if not isinstance(answer, dict) or set(answer) != {self.form.value}:
            raise NotAnAnswer(f'{self.code} is answered by {{"{self.form.value}": ...}} and nothing else')
        return {self.form.value: _READERS[self.form](self, answer[self.form.value])}


def _read_number(question: Question, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotAnAnswer("send a JSON integer; decimals, text and true are refused")
    if not question.minimum <= value <= question.maximum or (value - question.minimum) % question.step:
        steps = f" in steps of {question.step}" if question.step > 1 else ""
        raise NotAnAnswer(f"send a whole number from {question.minimum} to {question.maximum}{steps}")
    return value


def _read_choice(question: Question, value: object) -> str:
    if not isinstance(value, str) or value not in question.choices:
        raise NotAnAnswer(f"send one of: {', '.join(question.choices)}")
    return value


def _read_choices(question: Question, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise NotAnAnswer("send a list of choices; an empty one says that none of them applies")
    if len(set(value)) != len(value) or not set(value) <= set(question.choices):
        raise NotAnAnswer(f"send each at most once, out of: {', '.join(question.choices)}")
    return [choice for choice in question.choices if choice in value]


def _read_text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise NotAnAnswer("send text")
    return read_text(value)


_READERS: Final = {
    Form.NUMBER: _read_number,
    Form.CHOICE: _read_choice,
    Form.CHOICES: _read_choices,
    Form.TEXT: _read_text,
}


def read_text(text: str) -> str:
    """``text`` unchanged, if a person can read it: 1 to 200 characters, none of them a control character.

    Refused are control and format characters (such as NUL, ESC, a zero-width space on its own, or one
    that turns the direction of the line), lone surrogates, and text of spaces only. Line feeds and the
    joiners inside emoji and scripts are kept. Raises NotAnAnswer.
    """
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise NotAnAnswer(f"write 1 to {LONGEST_TEXT} characters")
    if any(unicodedata.category(char) in _UNREADABLE and char not in _JOINERS for char in text):
        raise NotAnAnswer("leave out control characters and characters that turn the text's direction")
    if not any(_is_seen(char) for char in text):
        raise NotAnAnswer("write something that can be read; this is only blank space")
    return text


#: Control, format, surrogate, private use and unassigned characters.
_UNREADABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Line feed; the joiners that emoji and Persian, Hindi and other scripts need.
_JOINERS: Final = frozenset("\n\u200c\u200d")


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC" and not unicodedata.combining(char)


RED_FLAGS: Final = ("fever", "wound", "weakness", "bladder", "standing_headache", "shocks")
#: Best first, as ``sctrial.facts.GlobalChange`` with best = 1 counts them.
GLOBAL_CHANGES: Final = (
    "very_much_better",
    "much_better",
    "a_little_better",
    "no_change",
    "a_little_worse",
    "much_worse",
    "very_much_worse",
)


def _table(questions: Iterable[Question]) -> Mapping[str, Question]:
    return MappingProxyType({question.code: question for question in questions})


QUESTIONS: Final = _table(
    (
        Question("sleep", Form.NUMBER, Asked.DAILY, maximum=10),
        Question(
            "goal_activity",
            Form.CHOICE,
            Asked.DAILY,
            choices=("not_at_all", "a_little", "about_half", "mostly", "fully"),
        ),
        Question(
            "analgesics",
            Form.CHOICE,
            Asked.DAILY,
            choices=("none", "less_than_usual", "as_usual", "more_than_usual"),
        ),
        Question(
            "stimulation_use",
            Form.CHOICE,
            Asked.TRIAL,
            choices=("off", "part_of_day", "most_of_day", "all_day"),
        ),
        Question(
            "sensation",
            Form.CHOICE,
            Asked.TRIAL,
            choices=("right_place", "partly", "other_place", "unpleasant", "nothing_felt"),
        ),
        Question("stated_relief", Form.NUMBER, Asked.TRIAL, maximum=100, step=10),
        Question("go_ahead", Form.CHOICE, Asked.TRIAL, choices=("yes", "not_sure", "no")),
        Question("global_change", Form.CHOICE, Asked.CLOSING, choices=GLOBAL_CHANGES),
        Question("trial_satisfaction", Form.CHOICE, Asked.CLOSING, choices=("yes", "no")),
        # Warning signs after the leads (domain of staff alerts): several a day, whenever they come.
        Question("red_flags", Form.CHOICES, Asked.TRIAL, choices=RED_FLAGS, several=True),
        Question("note", Form.TEXT, Asked.ANY_TIME, several=True),
    )
)

#: What a clinic may leave out of the day; pain and warning signs are always asked.
OPTIONAL: Final = tuple(code for code in QUESTIONS if code not in ("red_flags", "note"))


def is_asked(question: Question, *, phase: DiaryPhase, closing: bool) -> bool:
    """Whether a day of ``phase`` asks it; ``closing`` from the last planned day of the trial on."""
    in_trial = phase is DiaryPhase.TRIAL
    return {
        Asked.DAILY: True,
        Asked.TRIAL: in_trial,
        Asked.CLOSING: in_trial and closing,
        Asked.ANY_TIME: False,
    }[question.asked]
