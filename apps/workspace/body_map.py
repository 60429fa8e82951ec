"""The body map: front and back, drawn from boxes. It decorates the list of regions, which says the same."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

WIDTH, HEIGHT = 150, 300
#: x, y, width, height of what lies in the middle, and of the half at the viewer's left.
Box = tuple[int, int, int, int]
_LIMBS: Final[dict[str, tuple[Box, ...]]] = {
    "shoulder": ((36, 56, 18, 16),),
    "upper_arm": ((30, 74, 15, 40),),
    "forearm": ((24, 117, 15, 38),),
    "hand": ((18, 158, 17, 22),),
    "knee": ((53, 206, 18, 16),),
    "lower_leg": ((54, 225, 16, 42),),
    "foot": ((46, 270, 24, 14),),
}
_FRONT_MIDDLE: Final[dict[str, Box]] = {
    "head": (58, 8, 34, 36),
    "neck": (66, 46, 18, 10),
    "chest": (56, 58, 38, 42),
    "abdomen": (56, 102, 38, 32),
}
_FRONT_SIDE: Final[dict[str, tuple[Box, ...]]] = _LIMBS | {
    "hip": ((52, 136, 11, 18),),
    "groin": ((65, 136, 9, 18),),
    "thigh": ((52, 157, 20, 46),),
}
_BACK_MIDDLE: Final[dict[str, Box]] = {
    "head": (58, 8, 34, 36),
    "neck": (66, 46, 18, 10),
    "upper_back": (56, 58, 38, 38),
    "low_back": (56, 98, 38, 36),
}
_BACK_SIDE: Final[dict[str, tuple[Box, ...]]] = _LIMBS | {
    "buttock": ((52, 136, 22, 22),),
    "thigh": ((52, 161, 20, 42),),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One box of the map; ``code`` is the region it shows."""

    code: str
    x: int
    y: int
    width: int
    height: int
    is_marked: bool


@dataclass(frozen=True, slots=True)
class View:
    """The body from one side. Seen from the front, the patient's right is at the viewer's left."""

    title: str
    shapes: tuple[Shape, ...]


def body_map(marked: Collection[str]) -> tuple[View, View]:
    """Front and back with the regions ``marked``."""
    front = _shapes(_FRONT_MIDDLE, _FRONT_SIDE, near="right", far="left", marked=marked)
    back = _shapes(_BACK_MIDDLE, _BACK_SIDE, near="left", far="right", marked=marked)
    return View("Front", tuple(front)), View("Back", tuple(back))


def _shapes(
    middle: dict[str, Box],
    side: dict[str, tuple[Box, ...]],
    *,
    near: str,
    far: str,
    marked: Collection[str],
) -> Iterator[Shape]:
    for code, box in middle.items():
        yield Shape(code, *box, code in marked)
    for code, boxes in side.items():
        for x, y, width, height in boxes:
            here, there = f"{code}_{near}", f"{code}_{far}"
            yield Shape(here, x, y, width, height, here in marked)
            yield Shape(there, WIDTH - x - width, y, width, height, there in marked)
