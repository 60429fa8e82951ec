"""What came of one scenario or golden file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit.compare import Difference
from kit.hints import HINTS

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"


@dataclass(frozen=True, kw_only=True)
class Result:
    kind: str
    name: str
    title: str
    outcome: str
    seconds: float
    differences: Sequence[Difference] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 2),
            "reason": self.reason,
            "differences": [
                {
                    "code": one.code,
                    "where": one.where,
                    "expected": one.expected,
                    "found": one.found,
                    "how_to_fix": HINTS.get(one.code, ""),
                }
                for one in self.differences
            ],
        }


def outcome_of(differences: Sequence[Difference]) -> str:
    return FAILED if differences else PASSED
