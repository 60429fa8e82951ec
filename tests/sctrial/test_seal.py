"""Canonical JSON: the same facts, the same bytes."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.seal import CannotSeal, canonical_json, digest, fraction_text

F = Fraction

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


def test_the_canonical_form_is_fixed_to_the_byte() -> None:
    content = {"b": F(100, 2), "a": [date(2026, 3, 9), None, True, "é"], "c": {"y": 1, "x": F(-7, 2)}}

    assert canonical_json(content) == (
        '{"a":["2026-03-09",null,true,"é"],"b":"50/1","c":{"x":"-7/2","y":1}}'.encode()
    )


def test_the_digest_is_sha_256_of_the_canonical_form() -> None:
    """SHA-256 of the two bytes {} is a known value (FIPS 180-4)."""
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(plain)
def test_plain_content_is_read_back_as_it_was(content: object) -> None:
    assert json.loads(canonical_json(content)) == content


@given(st.dictionaries(st.text(), plain))
def test_the_order_of_keys_does_not_change_the_digest(content: dict[str, object]) -> None:
    assert digest(dict(reversed(content.items()))) == digest(content)


def test_a_read_only_table_is_a_table() -> None:
    assert digest(MappingProxyType({"a": 1})) == digest({"a": 1})


@given(st.fractions())
def test_a_fraction_always_shows_its_denominator(value: F) -> None:
    numerator, denominator = fraction_text(value).split("/")

    assert F(int(numerator), int(denominator)) == value


# fmt: off
UNSEALABLE = [
    ({"a": [1, {"b": 0.5}]},                       "a.1.b: a float"),
    ({"a": float("nan")},                          "a: a float"),
    ({"at": datetime(2026, 3, 9, tzinfo=UTC)},     "at: a datetime"),
    ({"a": {1: "x"}},                              "a: the key 1 is not text"),
    ({"a": {1, 2}},                                "a: a set"),
    ([b"x"],                                       "0: a bytes"),
    (0.5,                                          "a float"),
]
# fmt: on


@pytest.mark.parametrize(("content", "place"), UNSEALABLE)
def test_what_has_no_exact_form_is_refused_with_its_place(content: Mapping[str, object], place: str) -> None:
    with pytest.raises(CannotSeal) as error:
        canonical_json(content)

    assert str(error.value).startswith(place)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(CannotSeal, match="surrogate"):
        canonical_json({"a": "\ud800"})
