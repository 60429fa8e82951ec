"""Table 1 of twenty patients, and what of it may leave the house."""

import pandas as pd

from sctrial.table_one import HIDDEN, make_table_one

FRAME = pd.DataFrame(
    {
        "diagnosis": ["M96.1"] * 11 + ["G90.52"] * 7 + ["E11.42"] * 2,
        "baseline": [6.0, 7.0, 8.0, 9.0] * 4 + [None] * 4,
    }
)


def lines(*, is_shared: bool) -> dict[tuple[str, str], tuple[str, int | str]]:
    made = make_table_one(FRAME, categorical=["diagnosis"], continuous=["baseline"], is_shared=is_shared)
    return {(line.variable, line.level): (line.text, line.missing) for line in made}


def test_counts_with_percent_and_medians_with_quartiles() -> None:
    assert lines(is_shared=False) == {
        ("diagnosis", "M96.1"): ("11 (55.0)", 0),
        ("diagnosis", "G90.52"): ("7 (35.0)", 0),
        ("diagnosis", "E11.42"): ("2 (10.0)", 0),
        ("baseline", ""): ("7.5 [6.8,8.2]", 4),
    }


def test_what_is_shared_hides_small_counts_and_rounds_all_others_to_fives() -> None:
    shared = lines(is_shared=True)

    # 11, 7 and 2 of 20.
    assert [shared["diagnosis", level] for level in ("M96.1", "G90.52", "E11.42")] == [
        (f"10 ({100 * 10 / 20:.1f})", "under 5"),
        (f"5 ({100 * 5 / 20:.1f})", "under 5"),
        (HIDDEN, "under 5"),
    ]
    assert shared["baseline", ""] == ("7.5 [6.8,8.2]", "under 5")


def test_nobody_has_no_table() -> None:
    assert make_table_one(FRAME.iloc[:0], categorical=["diagnosis"], continuous=[], is_shared=False) == ()


def test_a_mean_stands_first_and_levels_in_the_order_that_is_asked_for() -> None:
    frame = FRAME.assign(age=[50.0, 60.0] * 10)

    made = make_table_one(
        frame,
        means=["age"],
        categorical=["diagnosis"],
        continuous=["baseline"],
        orders={"diagnosis": ["E11.42", "F00", "G90.52"]},
        is_shared=False,
    )

    # Ten of 50 and ten of 60: standard deviation the root of 20 * 5 * 5 / 19.
    assert (made[0].variable, made[0].text) == ("age", f"55.0 ({(20 * 25 / 19) ** 0.5:.1f})")
    assert [line.level for line in made[1:4]] == ["E11.42", "G90.52", "M96.1"]
