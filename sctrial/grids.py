"""Grids of analyses: named, versioned lists of defensible choices, fixed before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Final

from sctrial.missing import Policy
from sctrial.scales import ScoreKind
from sctrial.verdict import ReportOnlyWindow
from sctrial.windows import Several, Window, parse_window


@dataclass(frozen=True, slots=True)
class Grid:
    """The analyses to run: every combination of the five lists.

    None in ``several`` stands for the trial's own way of reading a day with several scores. Raises
    ReportOnlyWindow for a window that picks its days by their result, ValueError for an empty or repeated
    choice, which would count one analysis twice.
    """

    name: str
    version: str
    trial_windows: tuple[Window, ...]
    baseline_windows: tuple[Window, ...]
    kinds: tuple[ScoreKind, ...]
    policies: tuple[Policy, ...]
    several: tuple[Several | None, ...]

    def __post_init__(self) -> None:
        for choices in self.axes:
            if not choices or len(set(choices)) < len(choices):
                raise ValueError(f"grid {self.name}: give each choice once and at least one: {choices}")
        for window in (*self.trial_windows, *self.baseline_windows):
            if window.report_only:
                raise ReportOnlyWindow(f"grid {self.name}: '{window}' may be reported but not judged")

    @property
    def axes(self) -> tuple[tuple[object, ...], ...]:
        """The five lists in the order of the analyses."""
        return self.trial_windows, self.baseline_windows, self.kinds, self.policies, self.several

    @property
    def size(self) -> int:
        """The number of analyses."""
        return prod(len(choices) for choices in self.axes)


def _windows(*texts: str) -> tuple[Window, ...]:
    return tuple(parse_window(text) for text in texts)


#: Windows and baselines as in use (SUNBURST, pregabalin trials, this project's defaults), average pain for
#: trialists and worst pain for patients (Stone 2020). The choice of the 48 is a default of this project.
TRIAL_48: Final = Grid(
    name="TRIAL_48",
    version="2026.1",
    trial_windows=_windows("last-n-days:3", "exclude-first-n-days:2", "whole-phase"),
    baseline_windows=_windows("last-n-days:7", "whole-phase"),
    kinds=(ScoreKind.AVERAGE, ScoreKind.WORST),
    policies=(Policy.OBSERVED, Policy.LOCF, Policy.BOCF, Policy.WOCF_TRIAL),
    several=(None,),
)

#: Everything that anybody might ask for, for a second look.
WIDE: Final = Grid(
    name="WIDE",
    version="2026.1",
    trial_windows=_windows(
        "last-n-days:1",
        "last-n-days:3",
        "last-n-days:5",
        "last-n-days:7",
        "exclude-first-n-days:2",
        "whole-phase",
    ),
    baseline_windows=_windows("last-n-days:3", "last-n-days:7", "whole-phase"),
    kinds=tuple(ScoreKind),
    policies=(*TRIAL_48.policies, Policy.WOCF_WITH_BASELINE),
    several=tuple(Several),
)

GRIDS: Final[Mapping[str, Grid]] = MappingProxyType({grid.name: grid for grid in (TRIAL_48, WIDE)})
