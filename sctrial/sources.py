"""Where a number or a rule was read, and how well that is founded."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sctrial.strict import Section


class Mark(StrEnum):
    """How well a statement is founded."""

    SEEN = "S"
    KNOWN = "K"
    COMPUTED = "C"
    DEFAULT = "D"

    @property
    def meaning(self) -> str:
        """The mark in words."""
        return _MARK_MEANING[self]


_MARK_MEANING: Final = {
    Mark.SEEN: "seen in the named source",
    Mark.KNOWN: "general knowledge, not confirmed",
    Mark.COMPUTED: "computed here",
    Mark.DEFAULT: "a default of this project, claimed by no source",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement was read."""

    text: str
    mark: Mark


def read_source(section: Section) -> Source:
    """The source in ``section``. Raises DocumentError."""
    source = Source(text=section.text("text"), mark=section.choice("mark", of=Mark))
    section.close()
    return source
