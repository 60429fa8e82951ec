"""Which trials a criterion cannot tell apart; that each is answered as if alone: test_bulk_agrees."""

import numpy as np
import pytest

from sctrial.alike import number_alike, number_in_order


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        pytest.param([[7, 7, 7]], 1, id="all the same"),
        pytest.param([[7, 8, 7]], 2, id="one column tells one apart"),
        pytest.param([[1, 1, 2, 2], [1, 2, 1, 2]], 4, id="two columns together tell all apart"),
        pytest.param([[0, 1], [1, 0]], 2, id="the same numbers in other columns are not the same"),
        pytest.param([[-(2**62), 2**62], [2**62, -(2**62)]], 2, id="large numbers do not run over"),
        pytest.param([[]], 0, id="nobody"),
    ],
)
def test_elements_share_a_number_where_every_column_agrees(columns: list[list[int]], groups: int) -> None:
    rows = list(zip(*columns, strict=True))

    found = number_alike(*(np.array(column, np.int64) for column in columns)).tolist()

    assert len(set(found)) == groups
    assert all(
        (found[a] == found[b]) == (rows[a] == rows[b]) for a in range(len(rows)) for b in range(len(rows))
    )
    assert all(0 <= number < max(len(rows), 1) for number in found)


@pytest.mark.parametrize(
    ("column", "numbers", "first"),
    [
        pytest.param([30, 10, 30, 20], [0, 1, 0, 2], [0, 1, 3], id="as they come"),
        pytest.param([5], [0], [0], id="one"),
        pytest.param([], [], [], id="nobody"),
    ],
)
def test_values_are_numbered_as_they_come(column: list[int], numbers: list[int], first: list[int]) -> None:
    found = number_in_order(np.array(column, np.int64))

    assert (found[0].tolist(), found[1].tolist()) == (numbers, first)
