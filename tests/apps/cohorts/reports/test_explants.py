"""How long implants stayed, by rows that one can count."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from apps.cohorts.reports.explants import at_risk, explants
from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.material import Material

DAY = date(2026, 10, 8)
NONE = pd.DataFrame()


def implant(n: int, *, seen: int, out: int | None = None) -> dict[str, Any]:
    return {
        "trial_id": str(n),
        "implanted_on": DAY,
        "explanted_on": None if out is None else DAY + timedelta(out),
        "last_seen_on": DAY + timedelta(seen),
    }


def material(*rows: dict[str, Any]) -> Material:
    """Read four years after the implants."""
    return Material(DAY + timedelta(4 * 365), rows, NONE, NONE, NONE, NONE, {})


def marks_of(figure: Figure, kind: str, look: str) -> list[tuple[tuple[float, float], ...]]:
    assert figure.plot is not None
    return [mark.places for mark in figure.plot.marks if (mark.kind, mark.look) == (kind, look)]


#: Seen last on days 30, 400 and 500; one taken out on day 100, when two more are still under watch.
FOUR = (implant(1, seen=30), implant(2, seen=100, out=100), implant(3, seen=400), implant(4, seen=500))


def test_who_was_last_seen_before_an_explant_is_not_at_risk_of_it_whatever_day_it_is_today() -> None:
    found = explants(material(*FOUR), shared=False)

    assert [row[:4] for row in found.rows] == [(100, 3, 1, round(100 * 2 / 3, 1))]
    assert found.plot is not None
    assert found.plot.x.high == 500


def test_the_drawing_has_a_band_from_the_first_fall_and_a_stroke_for_each_last_visit() -> None:
    found = explants(material(*FOUR), shared=False)

    (((start, low), (end, high)),) = marks_of(found, "area", "main")
    assert (start, end) == (100, 500)
    assert found.rows[0][4] == f"{low:.1f} to {high:.1f}"
    strokes = marks_of(found, "line", "second")
    assert [(places[0][0], sum(y for _, y in places) / 2) for places in strokes] == [
        (30, (97.5 + 100) / 2), (400, 100 * 2 / 3), (500, 100 * 2 / 3),
    ]  # fmt: skip


def test_implants_under_watch_add_up_on_every_day() -> None:
    found = at_risk(material(*FOUR), shared=False)

    assert found.rows == ((0, 4, 0, 0), (90, 3, 0, 1), (180, 2, 1, 1), (365, 2, 1, 1))
    assert {sum(int(str(cell)) for cell in row[1:]) for row in found.rows} == {4}


def test_without_an_explant_every_system_stays_in_place() -> None:
    found = explants(material(*(implant(n, seen=60) for n in range(3))), shared=False)

    assert (found.rows, found.n) == ((), 3)
    assert found.notes == ("0 explants; half of the systems are out after more days than were seen.",)


def test_few_explants_are_not_shared() -> None:
    found = explants(material(implant(1, seen=85, out=85), implant(2, seen=90)), shared=True)
    assert (found.rows, found.plot, found.notes) == ((), None, ("under 5 explants.",))


def test_no_day_on_which_one_patient_was_seen_is_shared() -> None:
    many = [implant(n, seen=40, out=40) for n in range(6)] + [implant(6 + n, seen=300 + n) for n in range(9)]
    found = explants(material(*many), shared=True)

    assert found.plot is not None
    assert found.plot.x.high == 40
    assert marks_of(found, "line", "second") == []
    # 6 of 15 are out by then, told as 5; after day 90 nine are left, told as 10.
    assert [row[:2] for row in at_risk(material(*many), shared=True).rows] == [(0, 15), (90, 10), (180, 10)]
