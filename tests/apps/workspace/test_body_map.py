"""The body map shows each region that can be marked, and no other."""

from pathlib import Path

from apps.workspace.body_map import HEIGHT, WIDTH, body_map
from sctrial.checklist import BODY_REGIONS

CSS = Path("apps/workspace/static/workspace/before.css")


def test_every_region_is_drawn_inside_the_picture() -> None:
    shapes = [shape for view in body_map(()) for shape in view.shapes]

    assert {shape.code for shape in shapes} == set(BODY_REGIONS)
    assert all(one.x >= 0 and one.x + one.width <= WIDTH and one.y + one.height <= HEIGHT for one in shapes)


def test_left_is_the_patients_left() -> None:
    front, back = body_map(())
    x = {view.title: {shape.code: shape.x for shape in view.shapes} for view in (front, back)}

    assert x["Front"]["foot_left"] > x["Front"]["foot_right"]
    assert x["Back"]["foot_left"] < x["Back"]["foot_right"]


def test_what_is_marked_is_marked_on_both_sides() -> None:
    marked = {
        shape.code for view in body_map(["foot_left", "head"]) for shape in view.shapes if shape.is_marked
    }

    assert marked == {"foot_left", "head"}


def test_the_map_follows_every_box_without_a_script() -> None:
    css = CSS.read_text(encoding="utf-8")

    assert all(f'input[value="{code}"]:checked) .r-{code}' in css for code in BODY_REGIONS)
