"""What an import took, what it skipped and why, and what was wrong, by line."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

# Distinct complaints that are kept; a file with more has one fault everywhere.
KEPT_COMPLAINTS: Final = 1000
# Of what is skipped all places are shown that fit on a few lines; of what is taken, a few.
_SHOWN_PLACES: Final = {"taken": 6, "skipped": 100}


class Lines:
    """Line numbers in ascending order, kept as ranges."""

    __slots__ = ("count", "ranges")

    def __init__(self) -> None:
        self.count = 0
        self.ranges: list[list[int]] = []

    def add(self, line: int) -> None:
        self.count += 1
        if self.ranges and self.ranges[-1][1] == line - 1:
            self.ranges[-1][1] = line
        else:
            self.ranges.append([line, line])

    def text(self, *, shown: int | None = None) -> str:
        """Such as "2, 4-9"; ``shown`` ranges at most."""
        return places(self.ranges, shown=shown)


def places(ranges: Sequence[Sequence[int]], *, shown: int | None = None) -> str:
    texts = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges[:shown]]
    more = len(ranges) - len(texts)
    return ", ".join(texts) + (f" and {more} more places" if more else "")


def by_line(report: Mapping[str, Any]) -> str:
    """The rows of a stored report, a line of text for each fate."""
    named = (
        ("taken", "name", "region", report.get("taken", ())),
        ("skipped", "name", "reason", report.get("skipped", ())),
    )
    return "\n".join(
        f"{fate} {one['rows']}: {one[name]} -> {one[why]}, lines {places(one['lines'])}"
        for fate, name, why, groups in named
        for one in groups
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same name in the file and the same fate; ``why`` is the region, or the reason."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """``column`` is empty when the row as a whole is wrong."""

    column: str
    detail: str


@dataclass
class ImportReport:
    file_name: str
    file_sha256: str
    patient: str
    scale: str
    rows: int = 0
    taken: dict[Group, Lines] = field(default_factory=dict)
    skipped: dict[Group, Lines] = field(default_factory=dict)
    wrong: dict[Complaint, Lines] = field(default_factory=dict)
    wrong_rows: int = 0
    complaints_left_out: int = 0
    first_day: date | None = None
    last_day: date | None = None
    per_day: Counter[tuple[str, date]] = field(default_factory=Counter)
    clinic: str = ""
    trial_id: str = ""
    import_id: int | None = None
    dry_run: bool = False

    def take(self, line: int, *, name: str, region: str, day: date) -> None:
        self.rows += 1
        self.taken.setdefault(Group(name, region), Lines()).add(line)
        self.per_day[region, day] += 1
        self.first_day = min(self.first_day or day, day)
        self.last_day = max(self.last_day or day, day)

    def skip(self, line: int, *, name: str, reason: str) -> None:
        self.rows += 1
        self.skipped.setdefault(Group(name, reason), Lines()).add(line)

    def refuse(self, line: int, complaints: Iterable[Complaint]) -> None:
        self.rows += 1
        self.wrong_rows += 1
        for complaint in complaints:
            if complaint in self.wrong or len(self.wrong) < KEPT_COMPLAINTS:
                self.wrong.setdefault(complaint, Lines()).add(line)
            else:
                self.complaints_left_out += 1

    @property
    def taken_rows(self) -> int:
        return sum(lines.count for lines in self.taken.values())

    @property
    def skipped_rows(self) -> int:
        return sum(lines.count for lines in self.skipped.values())

    @property
    def days_with_several(self) -> int:
        return sum(count > 1 for count in self.per_day.values())

    def as_json(self) -> dict[str, Any]:
        """Plain and complete: every row of the file is in exactly one of the three lists."""
        return {
            "file": self.file_name,
            "sha256": self.file_sha256,
            "clinic": self.clinic,
            "patient": self.patient,
            "trial": self.trial_id,
            "import": self.import_id,
            "dry_run": self.dry_run,
            "scale": self.scale,
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "days_with_several": self.days_with_several,
            "rows": {
                "read": self.rows,
                "taken": self.taken_rows,
                "skipped": self.skipped_rows,
                "wrong": self.wrong_rows,
            },
            "taken": [_group(group, lines, why="region") for group, lines in self.taken.items()],
            "skipped": [_group(group, lines, why="reason") for group, lines in self.skipped.items()],
            "wrong": [
                {"column": complaint.column, "detail": complaint.detail, "lines": lines.ranges}
                for complaint, lines in self.wrong.items()
            ],
            "wrong_not_listed": self.complaints_left_out,
        }

    def table(self) -> str:
        """For people: one line a group, then the counts that must add up."""
        head = f"{self.file_name} (sha256 {self.file_sha256[:12]}): {self.first_day} to {self.last_day}"
        body = [
            *(_row("taken", group, lines) for group, lines in self.taken.items()),
            *(_row("skipped", group, lines) for group, lines in self.skipped.items()),
        ]
        fates = f"taken {self.taken_rows} + skipped {self.skipped_rows} + wrong {self.wrong_rows}"
        counts = (
            f"rows {self.rows} = {fates}; days with several entries of a region: {self.days_with_several}"
        )
        return "\n".join([head, *body, counts])

    def complaints(self) -> str:
        """Every wrong row by line and column."""
        left_out = [f"and {self.complaints_left_out} more"] if self.complaints_left_out else []
        return "\n".join([*(_complaint(*item) for item in self.wrong.items()), *left_out])


def _group(group: Group, lines: Lines, *, why: str) -> dict[str, Any]:
    return {"name": group.name, why: group.why, "rows": lines.count, "lines": lines.ranges}


def _row(fate: str, group: Group, lines: Lines) -> str:
    return (
        f"  {fate:<8} {lines.count:>7}  {group.name:<26} -> {group.why:<22} "
        f"lines {lines.text(shown=_SHOWN_PLACES[fate])}"
    )


def _complaint(complaint: Complaint, lines: Lines) -> str:
    where = f"column {complaint.column!r}" if complaint.column else "row"
    word = "line" if lines.count == 1 else "lines"
    return f"{word} {lines.text()}: {where}: {complaint.detail}"
