"""Every code has its sentence; every gap that someone can close says who."""

from sctrial.reasons import SENTENCES, ReasonCode, missing_for


def test_every_code_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ReasonCode)


def test_codes_of_missing_facts_say_what_is_missing_and_who_has_it() -> None:
    for code in ReasonCode:
        gap = missing_for(code, subject="average target pain", who="the clinic")

        assert (gap is not None) is ("missing" in code or code.startswith("no_"))
        assert gap is None or (gap.what and gap.who)
