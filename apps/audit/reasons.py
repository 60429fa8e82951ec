"""Why a value that was saved is changed: a code to count by, and words to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEAST_READABLE: Final = 3
LONGEST: Final = 200
CORRECTION_REASONS: Final[Mapping[str, str]] = {
    "mistyped": "Typed or chosen wrongly",
    "source_differs": "The chart, the form or the device says otherwise",
    "learned_later": "Learned later",
    "moved_on": "It was right then and has changed since",
    "wrong_place": "It belongs to another day, trial or patient",
    "other": "Another reason",
}
#: Nothing was said before; 0 is a value.
_EMPTY: Final = (None, "")


class NoReason(ValueError):
    """The message is fit for the user; ``field`` names what is missing: why_code or why."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Why:
    code: str = ""
    text: str = ""

    def check(self) -> None:
        """Raises NoReason."""
        if self.code not in CORRECTION_REASONS:
            raise NoReason("choose why the saved value is changed", field="why_code")
        if len("".join(self.text.split())) < LEAST_READABLE:
            words = f"say why the saved value is changed, in at least {LEAST_READABLE} characters"
            raise NoReason(words, field="why")
        if len(self.text.strip()) > LONGEST:
            raise NoReason(f"say it in at most {LONGEST} characters", field="why")


def is_said(value: Any) -> bool:
    """Whether there is a value that a new one would take the place of. A box that is not ticked is none."""
    return value not in _EMPTY and value is not False


NO_REASON: Final = Why()
