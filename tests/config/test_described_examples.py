"""What a client maker is shown of a refusal."""

import pytest

from config.described_examples import problem

REFUSALS = [
    # status, the description's words                          code                 the field's code
    (400, "Codes: `malformed_json`, `not_uuid4`, `off_scale`.", "invalid", ["off_scale"]),
    (400, "A parameter is wrong. Codes: `unknown_zone`.", "invalid", ["unknown_zone"]),
    (404, "`not_found`: no snapshot under this id.", "not_found", []),
    (409, "Kept: `entry_conflict`, `trial_closed` and the like.", "entry_conflict", []),
]


@pytest.mark.parametrize(("status", "words", "code", "fields"), REFUSALS)
def test_the_field_is_named_where_there_is_one(status: int, words: str, code: str, fields: list[str]) -> None:
    shown = problem(status, words)

    assert (shown["status"], shown["code"]) == (status, code)
    assert [error["code"] for error in shown["errors"]] == fields


def test_a_refusal_of_which_nothing_is_known_is_not_made_up() -> None:
    with pytest.raises(StopIteration):
        problem(418, "`teapot`")
