"""What stands in an export where a person could be named: keyed ids, day numbers, shifts, age bands.

Nothing here is random: the same key and the same person give the same id and the same shift, so that two
exports join. Without the key neither leads back. Sources: 45 CFR 164.514(b)(2) (names, dates more exact than
the year, ages over 89) and (c) (codes not derived from the person); day numbers as CDISC SDTM counts them.
"""

import base64
import hmac
from datetime import date, timedelta
from typing import Final

#: Shifts are whole weeks, so that a Saturday stays one; the longest is a year. A default of this project.
LONGEST_SHIFT_WEEKS: Final = 52
#: Ages are told in tens, the ends open. Over 89 they are one group: 45 CFR 164.514(b)(2).
YOUNGEST_BAND: Final = 20
OLDEST_BAND: Final = 90
SHORTEST_KEY: Final = 16
_ID_LENGTH: Final = 12


class WeakKey(ValueError):
    """A key that could be guessed; the message says how long one has to be."""


def make_study_id(person: str, *, key: bytes) -> str:
    """``"S"`` and twelve letters or digits for ``person``, an id that is unique in the installation.

    HMAC-SHA-256 (RFC 2104), 60 bits kept: of a million people two share an id with a chance below 1 in
    2,000,000. Raises WeakKey.
    """
    return "S" + _text(_mac(f"study id/{person}", key))


def make_site_id(clinic: str, *, key: bytes) -> str:
    """``"C"`` and twelve letters or digits for ``clinic``. Raises WeakKey."""
    return "C" + _text(_mac(f"site id/{clinic}", key))


def compute_shift(person: str, *, key: bytes) -> timedelta:
    """How far all dates of ``person`` are moved: 1 to 52 whole weeks, back or on. Raises WeakKey."""
    drawn = int.from_bytes(_mac(f"date shift/{person}", key)[:8], "big") % (2 * LONGEST_SHIFT_WEEKS)
    weeks = drawn - LONGEST_SHIFT_WEEKS
    return timedelta(weeks=weeks if weeks < 0 else weeks + 1)


def compute_study_day(day: date, *, anchor: date) -> int:
    """Day number from ``anchor``, which is day 1; the day before it is -1, for there is no day 0.

    Source: CDISC SDTM, the --DY variables.
    """
    days = (day - anchor).days
    return days + 1 if days >= 0 else days


def compute_age(born_on: date, *, on: date) -> int:
    """Completed years; who is born on 29 February turns a year older on 1 March of other years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def age_band(age: int | None) -> str:
    """Ten years as "50-59", "under 20" and "90 and over" at the ends, "" where the age is not known."""
    if age is None:
        return ""
    if age < YOUNGEST_BAND:
        return f"under {YOUNGEST_BAND}"
    if age >= OLDEST_BAND:
        return f"{OLDEST_BAND} and over"
    return f"{age // 10 * 10}-{age // 10 * 10 + 9}"


#: Every age band, the youngest first.
AGE_BANDS: Final = tuple(dict.fromkeys(age_band(age) for age in range(YOUNGEST_BAND - 1, OLDEST_BAND + 1)))


def _mac(text: str, key: bytes) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise WeakKey(f"the key has {len(key)} bytes; give one of at least {SHORTEST_KEY}")
    return hmac.digest(key, text.encode(), "sha256")


def _text(mac: bytes) -> str:
    return base64.b32encode(mac).decode()[:_ID_LENGTH]
