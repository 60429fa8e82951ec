"""Daily opioids as morphine milligram equivalents, with the examples that the CDC guideline of 2022 prints.

Sources: Dowell and others, MMWR 2022;71(3), table of factors and its footnote (hydrocodone 5 mg four times a
day is 20; oxycodone extended release 10 mg twice a day is 30); the table of 2016 as later restated.
"""

from fractions import Fraction

import pytest

from sctrial.opioids import Dose, DoseUnit, Route, compute_day_mme, factor_table

F = Fraction
MG, PATCH = DoseUnit.MG, DoseUnit.MCG_PER_HOUR

# fmt: off
DAYS = [
    # agent           unit   each  times  CDC_2022              CDC_2016
    ("hydrocodone",   MG,    5,    4,     20,                   20),
    ("oxycodone",     MG,    10,   2,     30,                   30),
    ("fentanyl",      PATCH, 75,   1,     180,                  180),
    ("fentanyl",      PATCH, 12,   1,     12 * F(24, 10),       12 * F(24, 10)),
    ("codeine",       MG,    30,   4,     120 * F(15, 100),     120 * F(15, 100)),
    ("hydromorphone", MG,    4,    3,     12 * 5,               12 * 4),
    ("morphine",      MG,    30,   2,     60,                   60),
    ("oxymorphone",   MG,    10,   2,     60,                   60),
    ("tapentadol",    MG,    50,   4,     200 * F(4, 10),       200 * F(4, 10)),
    ("tramadol",      MG,    50,   4,     200 * F(2, 10),       200 * F(1, 10)),
    ("methadone",     MG,    10,   2,     20 * F(47, 10),       20 * 4),
    ("methadone",     MG,    10,   4,     40 * F(47, 10),       40 * 8),
    ("methadone",     MG,    20,   3,     60 * F(47, 10),       60 * 10),
    ("methadone",     MG,    20,   4,     80 * F(47, 10),       80 * 12),
    ("methadone",     MG,    F(41, 2), 1, F(41, 2) * F(47, 10), F(41, 2) * 8),
    ("methadone",     MG,    30,   3,     90 * F(47, 10),       None),
]
# fmt: on


@pytest.mark.parametrize("row", DAYS)
def test_a_day_is_the_daily_dose_times_the_factor_of_the_named_table(
    row: tuple[str, DoseUnit, F, int, F, F | None],
) -> None:
    agent, unit, each, times, in_2022, in_2016 = row
    route = Route.TRANSDERMAL if unit is PATCH else Route.ORAL
    dose = Dose(agent, route, unit, F(each), F(times))

    assert compute_day_mme([dose], table=factor_table("CDC_2022")).total == in_2022
    assert compute_day_mme([dose], table=factor_table("CDC_2016")).total == in_2016


def test_two_drugs_of_a_day_add_up() -> None:
    doses = [
        Dose("fentanyl", Route.TRANSDERMAL, PATCH, F(25)),
        Dose("oxycodone", Route.ORAL, MG, F(5), F(3)),
    ]

    assert compute_day_mme(doses, table=factor_table("CDC_2022")).total == 25 * F(24, 10) + 15 * F(15, 10)


# fmt: off
NOT_CONVERTED = [
    ("buprenorphine", Route.TRANSDERMAL, PATCH,       "gives buprenorphine no factor"),
    ("kratom",        Route.ORAL,        MG,          "CDC_2022 does not have kratom"),
    ("morphine",      Route.INTRAVENOUS, MG,          "no factor for morphine, intravenous, in mg"),
    ("morphine",      Route.INTRATHECAL, MG,          "no factor for morphine, intrathecal"),
    ("morphine",      Route.ORAL,        DoseUnit.MCG, "no factor for morphine, oral, in mcg"),
]
# fmt: on


@pytest.mark.parametrize(("agent", "route", "unit", "reason"), NOT_CONVERTED)
def test_a_day_with_an_opioid_without_a_factor_has_no_total_and_says_why(
    agent: str, route: Route, unit: DoseUnit, reason: str
) -> None:
    doses = [Dose(agent, route, unit, F(10)), Dose("oxycodone", Route.ORAL, MG, F(10))]

    day = compute_day_mme(doses, table=factor_table("CDC_2022"))

    assert day.total is None
    assert [one.agent for one in day.not_converted] == [agent]
    assert reason in day.not_converted[0].reason
