"""Factor tables: shipped, dated, with a source; a faulty one is refused."""

import pytest

from sctrial.mme_tables import UnknownTable, factor_table, factor_tables, read_table
from sctrial.sources import Mark
from sctrial.strict import DocumentError

TABLE = """
id = "LOCAL"
title = "A local table"
in_force_from = 2026-01-01

[[source]]
text = "Agreed at the clinic's meeting"
mark = "D"

[[factor]]
agent = "morphine"
route = "oral"
unit = "mg"
factor = "1"

[[not_converted]]
agent = "buprenorphine"
reason = "no factor agreed"
"""

# fmt: off
FAULTS = [
    ('factor = "1"', 'factor = 1.0',  "LOCAL.toml: factor[0].factor: must be text"),
    ('factor = "1"', 'factor = "0"',  "LOCAL.toml: factor[0].factor: must be above 0"),
    ('factor = "1"', 'factor = "-1"', "LOCAL.toml: factor[0].factor: '-1' is not a number"),
    ('route = "oral"', 'route = "mouth"', "LOCAL.toml: factor[0].route: must be one of: oral"),
    ('unit = "mg"', 'unit = "g"', "LOCAL.toml: factor[0].unit: must be one of: mg"),
    ('agent = "buprenorphine"', 'agent = "morphine"', "LOCAL.toml: not_converted: morphine has a factor"),
    ('[[source]]\ntext = "Agreed at the clinic\'s meeting"\nmark = "D"', "",
        "LOCAL.toml: source: is missing"),
    ('title = "A local table"', 'titel = "x"', "LOCAL.toml: title: is missing"),
    ('id = "LOCAL"', 'id = ', "LOCAL.toml: is not TOML"),
]
# fmt: on


def test_a_table_is_read() -> None:
    table = read_table(TABLE, origin="LOCAL.toml")

    assert (table.id, table.factors[0].agent, table.not_converted) == (
        "LOCAL",
        "morphine",
        {"buprenorphine": "no factor agreed"},
    )


@pytest.mark.parametrize(("right", "wrong", "message"), FAULTS)
def test_a_faulty_table_is_refused_with_key_and_remedy(right: str, wrong: str, message: str) -> None:
    assert right in TABLE

    with pytest.raises(DocumentError) as error:
        read_table(TABLE.replace(right, wrong), origin="LOCAL.toml")

    assert str(error.value).startswith(message)


def test_a_factor_given_twice_is_refused() -> None:
    factor = TABLE[TABLE.index("[[factor]]") : TABLE.index("[[not_converted]]")]

    with pytest.raises(DocumentError, match="factor: is missing or given twice"):
        read_table(TABLE + factor, origin="LOCAL.toml")


def test_both_tables_ship_with_a_source_that_was_seen() -> None:
    assert set(factor_tables()) == {"CDC_2016", "CDC_2022"}
    assert all(one.sources[0].mark is Mark.SEEN for one in factor_tables().values())
    assert all("buprenorphine" in one.not_converted for one in factor_tables().values())


def test_no_published_table_has_changed() -> None:
    """Fails when a table in sctrial/tables was edited: stored totals name it, so copy it under a new id."""
    assert {one.id: one.digest for one in factor_tables().values()} == {
        "CDC_2016": "sha256:8254f5e283ac41e824dbeda646e3f01fc4c020d6e9545e70b72e5f0d0d431d53",
        "CDC_2022": "sha256:87c3891485f020c0fd3cf734b74e16c87a165218586b3b6ce9b38342e7a767a1",
    }


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownTable, match=r"no factor table 'CDC'; known are: CDC_2016, CDC_2022"):
        factor_table("CDC")
