"""Kaplan-Meier beside a published set and a case worked by hand."""

from math import exp, log, sqrt

import pytest

from sctrial.survival import BadTime, Seen, Survival, compute_survival

# Freireich 1963 (Blood 21:699), weeks of remission under 6-MP; False: still in remission when last seen.
# The data set drug6mp of R's KMsurv (Klein and Moeschberger 2003, section 1.2), columns t2 and relapse.
SIX_MP = (
    *[(6, True)] * 3, (6, False), (7, True), (9, False), (10, True), (10, False), (11, False), (13, True),
    (16, True), (17, False), (19, False), (20, False), (22, True), (23, True), (25, False), (32, False),
    (32, False), (34, False), (35, False),
)  # fmt: skip


def test_remissions_under_6_mp_as_published() -> None:
    found = compute_survival(Seen(*one) for one in SIX_MP)

    assert [(drop.days, drop.at_risk, drop.events) for drop in found.drops] == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1),
    ]  # fmt: skip
    # As summary(survfit(Surv(t2, relapse) ~ 1, drug6mp)) of R's survival prints them; median 23.
    shares = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [drop.share for drop in found.drops] == pytest.approx(shares, abs=5e-4)
    assert (found.n, found.events, found.median) == (21, 9, 23)


# Of the same print: the standard errors. R's limits there are on log S, ours on log(-log S).
@pytest.mark.parametrize(
    ("row", "share", "error"),
    [(0, 0.857, 0.0764), (1, 0.807, 0.0869), (2, 0.753, 0.0963), (3, 0.690, 0.1068), (4, 0.627, 0.1141),
     (5, 0.538, 0.1282), (6, 0.448, 0.1346)],
)  # fmt: skip
def test_the_intervals_rest_on_the_published_standard_errors(row: int, share: float, error: float) -> None:
    drop = compute_survival(Seen(*one) for one in SIX_MP).drops[row]

    width = 1.959964 * error / (drop.share * abs(log(drop.share)))
    assert drop.share == pytest.approx(share, abs=5e-4)
    assert drop.interval is not None
    assert drop.interval.low == pytest.approx(drop.share ** exp(width), abs=5e-4)
    assert drop.interval.high == pytest.approx(drop.share ** exp(-width), abs=5e-4)


def test_five_patients_by_hand() -> None:
    found = compute_survival(Seen(*one) for one in ((1, True), (2, False), (3, True), (4, False), (5, False)))
    first, second = found.drops

    assert [first.share, second.share] == pytest.approx([4 / 5, 4 / 5 * 2 / 3])
    # Greenwood: S * sqrt(sum d / (n * (n - d))); the interval on log(-log S).
    share = 4 / 5 * 2 / 3
    error = share * sqrt(1 / (5 * 4) + 1 / (3 * 2))
    width = 1.959964 * error / (share * abs(log(share)))
    assert second.interval is not None
    assert second.interval.low == pytest.approx(share ** exp(width), abs=1e-6)
    assert second.interval.high == pytest.approx(share ** exp(-width), abs=1e-6)


def test_without_an_event_nothing_falls() -> None:
    assert compute_survival([Seen(30, event=False)]) == Survival(1, 0, (), None)


def test_a_time_below_zero_is_refused() -> None:
    with pytest.raises(BadTime, match="correct the dates"):
        compute_survival([Seen(-1, event=True)])
