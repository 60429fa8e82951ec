"""Boxes to tick, kept as one text."""

import pytest

from apps.workspace.codes import CodesField

KNOWN = {"back": "back", "left_leg": "left leg", "wound": "wound"}
# fmt: off
TICKED = [
    # kept before         ticked                  kept now            is a change
    ("",                  [],                     "",                 False),
    ("",                  ["wound", "back"],      "back, wound",      True),
    ("back, wound",       ["wound", "back"],      "back, wound",      False),
    ("back",              [],                     "",                 True),
]
# fmt: on


@pytest.mark.parametrize(("before", "ticked", "kept", "is_change"), TICKED)
def test_the_order_of_the_boxes_counts_and_not_that_of_the_ticking(
    before: str, ticked: list[str], kept: str, is_change: bool
) -> None:
    field = CodesField(known=KNOWN)

    assert field.clean(ticked) == kept
    assert field.has_changed(before, ticked) is is_change
