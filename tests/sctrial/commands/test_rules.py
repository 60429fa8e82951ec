"""``rules``: list, show, diff at the terminal."""

import pytest

from sctrial.criteria import rule_sets, shipped_rule_sets
from tests.sctrial.terminal import sctrial


@pytest.mark.parametrize("words", [(), ("list",)])
def test_the_rules_in_force_are_listed_one_a_line(words: tuple[str, ...]) -> None:
    done = sctrial("rules", *words)

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"{rules.id}  {rules.version}  {rules.title}" for rules in rule_sets().values()
    ]


def test_every_version_is_listed_when_asked_for() -> None:
    assert len(sctrial("rules", "list", "--all").stdout.splitlines()) == len(shipped_rule_sets())


def test_one_rule_is_shown_with_criteria_sources_and_digest() -> None:
    done = sctrial("rules", "show", "NORTH_PP@2007.1")
    lines = done.stdout.splitlines()

    assert (done.returncode, lines[0]) == (0, "NORTH_PP 2007.1")
    assert "  success: Trial success (all)" in lines
    assert (
        "    target_pain: Target pain at least 50 % lower (pain reduction: region target, threshold 50%)"
        in lines
    )
    assert any(line.startswith("digest: sha256:") for line in lines)
    assert any("[S: seen in the named source]" in line for line in lines)


def test_two_rules_are_compared() -> None:
    done = sctrial("rules", "diff", "NORTH_PP@2007.1", "MAC_NORIDIAN@2023.1")
    lines = done.stdout.splitlines()

    assert (done.returncode, lines[0]) == (0, "NORTH_PP 2007.1 -> MAC_NORIDIAN 2023.1")
    assert "criterion success criterion: all -> any" in lines
    assert "criterion satisfaction removed: Patient satisfied (satisfied)" in lines


def test_a_rule_is_the_same_as_itself() -> None:
    done = sctrial("rules", "diff", "NORTH_PP", "NORTH_PP@2007.1")

    assert done.stdout.splitlines()[1:] == ["no difference in criteria, thresholds, sources or cautions"]


@pytest.mark.parametrize(
    "words", [("show", "NORTH"), ("show", "NORTH_PP@1999.1"), ("diff", "NORTH_PP", "NORTH_PP@1999.1")]
)
def test_a_rule_that_is_not_shipped_is_refused_with_those_that_are(words: tuple[str, ...]) -> None:
    done = sctrial("rules", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no rule set" in done.stderr
    assert "known are: " in done.stderr
