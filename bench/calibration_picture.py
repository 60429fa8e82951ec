"""The picture of the calibration as plain SVG: what was said against what came, and coverage cell by cell."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

_SIDE: Final = 280
_LEFT: Final = 60
_TOP: Final = 48
_APART: Final = 110
_LOWEST: Final = 0.75
_ROOT: Final = 'role="img" aria-labelledby="title" font-family="sans-serif" font-size="12" fill="#222"'


class Binned(Protocol):
    """One bin of the reliability diagram."""

    @property
    def patients(self) -> int: ...
    @property
    def said(self) -> float: ...
    @property
    def came(self) -> float: ...


def picture(bins: Sequence[Binned], *, cells: Sequence[float], seed: int, patients: int) -> str:
    """The SVG text; the same figures give the same bytes."""
    width, height = _LEFT + 2 * _SIDE + _APART + 30, _TOP + _SIDE + 62
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_ROOT}>',
            f'<title id="title">Calibration on {patients} made-up patients, seed {seed}</title>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *_reliability(bins),
            *_coverage(sorted(cells)),
            "</svg>",
            "",
        ]
    )


def _reliability(bins: Sequence[Binned]) -> Iterator[str]:
    yield from _frame(_LEFT, "Probability of a true reduction of 50 %", "said", "came true")
    yield from _ticks(_LEFT, [0, 0.25, 0.5, 0.75, 1], low=0, across=True)
    yield _path(_LEFT, [(0, 0), (1, 1)], stroke="#999", dash=True)
    most = max(one.patients for one in bins)
    for one in bins:
        x, y = _place(_LEFT, one.said, one.came)
        radius = 2.5 + 5.5 * (one.patients / most) ** 0.5
        words = f"{one.patients} patients: said {one.said:.3f}, came {one.came:.3f}"
        yield f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="#1f5fa8"><title>{words}</title></circle>'


def _coverage(cells: Sequence[float]) -> Iterator[str]:
    left = _LEFT + _SIDE + _APART
    yield from _frame(left, "90 % interval: coverage of each cell", "cells, worst first", "covered")
    yield from _ticks(left, [0.75, 0.8, 0.85, 0.9, 0.95, 1], low=_LOWEST, across=False)
    for share, stroke in ((0.9, "#999"), (0.8, "#b3261e")):
        level = (share - _LOWEST) / (1 - _LOWEST)
        yield _path(left, [(0, level), (1, level)], stroke=stroke, dash=True)
    for n, share in enumerate(cells):
        level = max(0.0, (share - _LOWEST) / (1 - _LOWEST))
        x, y = _place(left, (n + 0.5) / len(cells), level)
        yield f'<circle cx="{x}" cy="{y}" r="2.5" fill="#1f5fa8"><title>{share:.3f}</title></circle>'


def _frame(left: int, title: str, across: str, up: str) -> Iterator[str]:
    middle, bottom = left + _SIDE // 2, _TOP + _SIDE
    yield f'<text x="{middle}" y="{_TOP - 18}" text-anchor="middle" font-size="14">{title}</text>'
    yield f'<rect x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#666"/>'
    yield f'<text x="{middle}" y="{bottom + 44}" text-anchor="middle">{across}</text>'
    x, y = left - 42, _TOP + _SIDE // 2
    yield f'<text x="{x}" y="{y}" text-anchor="middle" transform="rotate(-90 {x} {y})">{up}</text>'


def _ticks(left: int, shares: Sequence[float], *, low: float, across: bool) -> Iterator[str]:
    for share in shares:
        level = (share - low) / (1 - low)
        _, y = _place(left, 0, level)
        yield f'<text x="{left - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{share:g}</text>'
        if across:
            x, _ = _place(left, level, 0)
            yield f'<text x="{x}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{share:g}</text>'


def _path(left: int, points: Sequence[tuple[float, float]], *, stroke: str, dash: bool) -> str:
    steps = " L ".join(" ".join(_place(left, x, y)) for x, y in points)
    dashes = ' stroke-dasharray="4 4"' if dash else ""
    return f'<path d="M {steps}" fill="none" stroke="{stroke}"{dashes}/>'


def _place(left: int, across: float, up: float) -> tuple[str, str]:
    return f"{left + across * _SIDE:.1f}", f"{_TOP + (1 - up) * _SIDE:.1f}"
