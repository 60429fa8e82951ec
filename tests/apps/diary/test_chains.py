"""Which of several chains of answers stands in one place. No row is stored: only their links count."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.diary.chains import behind, chains_of
from apps.diary.models import DiaryEntry
from tests.factories import NOW


def row(
    name: int,
    *,
    changes: int | None = None,
    at: datetime = NOW,
    day: int = 1,
    window: int | None = 1,
    by_staff: bool = False,
) -> DiaryEntry:
    """An answer whose id is ``name``, to the same question as all others."""
    return DiaryEntry(
        id=uuid.UUID(int=name),
        supersedes_id=None if changes is None else uuid.UUID(int=changes),
        diary_day=date(2026, 10, day),
        window_no=window,
        region="target",
        kind="average",
        captured_at=at,
        device_id=None if by_staff else 1,
    )


LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("rows", "do_not_stand"),
    [
        pytest.param([row(1), row(2, changes=1)], [], id="one whole chain"),
        pytest.param([row(2, changes=1)], [], id="a gap, and nothing beside it"),
        pytest.param([row(9, at=LATER), row(2, changes=1)], [2], id="a gap beside a first answer"),
        pytest.param([row(9), row(2, changes=1), row(3, changes=2)], [2, 3], id="with all that follows"),
        pytest.param([row(3, changes=1), row(4, changes=2, at=LATER)], [4], id="two gaps: begun first"),
        pytest.param([row(4, changes=2), row(3, changes=1)], [4], id="two gaps of one moment: by id"),
        pytest.param([row(9), row(2, changes=1, by_staff=True)], [9], id="what staff wrote"),
        pytest.param([row(9, window=2), row(2, changes=1)], [], id="another window"),
        pytest.param([row(9, day=2), row(2, changes=1)], [], id="another evening"),
        pytest.param([row(9, window=None), row(2, changes=1, window=None)], [], id="at any time"),
    ],
)
def test_one_chain_stands_in_each_place(rows: list[DiaryEntry], do_not_stand: list[int]) -> None:
    assert sorted(one.id.int for one in behind(rows)) == do_not_stand


#: Answer n changes one before it, or an answer that is missing (from 100 on), or none.
LINKS = st.lists(st.sampled_from(["first", "next", "gap"]), min_size=1, max_size=12)


def of_one_place(links: list[str]) -> list[DiaryEntry]:
    """At most one first answer, as the database takes no second."""
    rows: list[DiaryEntry] = []
    for n, link in enumerate(links):
        is_first = link == "first" and not any(one.supersedes_id is None for one in rows)
        base = None if is_first else n - 1 if link == "next" and n else 100 + n
        rows.append(row(n, changes=base, at=NOW + timedelta(minutes=n)))
    return rows


@given(LINKS.map(of_one_place), st.randoms(use_true_random=False))
def test_in_any_order_the_same_one_is_left(rows: list[DiaryEntry], random: "object") -> None:
    turned = list(rows)
    random.shuffle(turned)  # type: ignore[attr-defined]

    lost = {one.id for one in behind(rows)}

    assert {one.id for one in behind(turned)} == lost
    left = [one for one in rows if one.id not in lost]
    assert len(chains_of(left)) == 1
    first = next((one for one in rows if one.supersedes_id is None), None)
    assert first is None or first in left
