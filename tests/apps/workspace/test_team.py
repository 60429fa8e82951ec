"""Since when somebody works in a clinic: without a break, as the trail knows it."""

from datetime import UTC, datetime

import pytest

from apps.workspace.team import since

JAN, FEB, MAR, APR = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4))

# fmt: off
SPANS = [
    # what the trail knows                                                          since
    ([],                                                                            None),
    ([(JAN, "coordinator")],                                                        JAN),
    ([(JAN, "coordinator"), (FEB, "clinician")],                                    JAN),
    ([(JAN, "coordinator"), (FEB, "former")],                                       FEB),
    ([(JAN, "coordinator"), (FEB, "former"), (MAR, "analyst")],                     MAR),
    ([(JAN, "coordinator"), (FEB, ""), (MAR, "analyst"), (APR, "clinician")],       MAR),
]
# fmt: on


@pytest.mark.parametrize(("spans", "expected"), SPANS)
def test_another_role_is_no_break_and_leaving_is(
    spans: list[tuple[datetime, str]], expected: datetime | None
) -> None:
    assert since(spans) == expected
