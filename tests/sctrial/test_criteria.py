"""Rule sets: the validated loader, the shipped files, and the lock that keeps published versions."""

import tomllib
from copy import deepcopy
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sctrial.criteria import (
    LOCK_NAME,
    Mark,
    RuleSetChanged,
    Setting,
    UnknownRuleSet,
    parse_rule_set,
    read_lock,
    read_rule_set,
    require_locked,
    rule_set,
    rule_sets,
    shipped_rule_sets,
)
from sctrial.nodes import AllOf, AtLeast, Not, PainReduction, display_threshold, parse_threshold, walk
from sctrial.scales import TARGET, ScoreKind
from sctrial.strict import DocumentError

F = Fraction

RULE = """
id = "CLINIC_RULE"
version = "2026.1"
title = "Two of three"
holder = "A clinic"
in_force_from = 2026-01-01
in_force_to = 2026-12-31
score_kind = "worst"
cautions = ["An example."]

[[source]]
text = "Agreed at the clinic's meeting"
mark = "D"

[root]
criterion = "at_least"
n = 2
id = "success"
label = "Success"

[[root.of]]
criterion = "pain_reduction"
id = "target_pain"
label = "Target pain"
threshold = "50%"

[[root.of]]
criterion = "not"
id = "leg_not_better"
label = "Leg pain not better"
[[root.of.of]]
criterion = "pain_reduction"
id = "leg_pain"
label = "Leg pain"
region = "leg"
kind = "average"
threshold = "1/3"

[[root.of]]
criterion = "satisfied"
id = "satisfaction"
label = "Satisfied"
"""


def rule() -> dict[str, Any]:
    return tomllib.loads(RULE)


def test_a_rule_is_read_with_its_tree() -> None:
    read = read_rule_set(RULE, origin="clinic.toml")

    assert (read.id, read.version, read.score_kind) == ("CLINIC_RULE", "2026.1", ScoreKind.WORST)
    assert isinstance(read.root, AtLeast)
    assert read.root.n == 2
    assert isinstance(read.root.children[1], Not)
    assert [node.id for node in walk(read.root)] == [
        "success", "target_pain", "leg_not_better", "leg_pain", "satisfaction",
    ]  # fmt: skip


def test_a_pain_criterion_takes_the_target_and_the_rule_s_own_kind_unless_it_names_others() -> None:
    leaves = [node for node in walk(read_rule_set(RULE, origin="x").root) if isinstance(node, PainReduction)]

    assert [(leaf.region, leaf.kind, leaf.threshold) for leaf in leaves] == [
        (TARGET, ScoreKind.WORST, F(1, 2)),
        ("leg", ScoreKind.AVERAGE, F(1, 3)),
    ]


def test_a_rule_names_the_regions_and_kinds_it_looks_at() -> None:
    assert read_rule_set(RULE, origin="x").pairs == {(TARGET, ScoreKind.WORST), ("leg", ScoreKind.AVERAGE)}


def test_a_rule_is_for_routine_care_unless_it_says_otherwise() -> None:
    assert read_rule_set(RULE, origin="x").setting is Setting.ROUTINE
    assert {rule.id for rule in rule_sets().values() if rule.setting is Setting.GRADE} == {
        "IMMPACT_30", "IMMPACT_50", "REMITTER",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_both_ends_of_the_dates_in_force_count(day: date, in_force: bool) -> None:
    assert read_rule_set(RULE, origin="x").is_in_force(day) is in_force


def test_the_digest_is_that_of_the_content_not_of_its_spelling() -> None:
    respelt = RULE.replace('holder = "A clinic"', "# a comment\nholder   =   'A clinic'")

    assert read_rule_set(respelt, origin="x").digest == read_rule_set(RULE, origin="x").digest


def test_the_digest_changes_with_every_word() -> None:
    reworded = RULE.replace("Target pain", "Target Pain")

    assert read_rule_set(reworded, origin="x").digest != read_rule_set(RULE, origin="x").digest


def change(content: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    changed: Any = deepcopy(content)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return dict(changed)


# fmt: off
FAULTS: list[tuple[tuple[str | int, ...], object, str]] = [
    (("title",),                        None,          "title: is missing; give text"),
    (("titel",),                        "x",           "titel: is not known here"),
    (("id",),                           "CLINIC-RULE", "id: 'CLINIC-RULE' must be letters"),
    (("version",),                      "1.0",         "version: '1.0' must be the year"),
    (("source",),                       [],            "source: is missing"),
    (("source", 0, "mark"),             "X",           "source[0].mark: must be one of: S, K, C, D"),
    (("in_force_from",),                None,          "in_force_from: is missing"),
    (("in_force_to",),                  "2025-01-01",  "in_force_to: lies before in_force_from"),
    (("score_kind",),                   "mood",        "score_kind: must be one of"),
    (("setting",),                      "hobby",       "setting: must be one of: routine, study, grade"),
    (("root",),                         None,          "root: must be a table"),
    (("root", "n"),                     4,             "root.n: asks for 4 of 3"),
    (("root", "of"),                    [],            "root.of: must list at least 2"),
    (("root", "criterion"),             "most",        "root.criterion: 'most' is not known; use one of"),
    (("root", "of", 0, "threshold"),    "0.5",         "root.of[0].threshold: '0.5' is not a threshold"),
    (("root", "of", 0, "threshold"),    0.5,           "root.of[0].threshold: must be text"),
    (("share",),                        0.5,           "document: share: a float has no canonical form"),
    (("root", "of", 0, "treshold"),     "50%",         "root.of[0].treshold: is not known here"),
    (("root", "of", 0, "kind"),         "mood",        "root.of[0].kind: must be one of"),
    (("root", "of", 0, "id"),           "leg_pain",    "root: the criterion id 'leg_pain' is used twice"),
    (("root", "of", 1, "of"),           [],            "root.of[1].of: must list at least 1"),
    (("root", "of", 2, "of"),           [],            "root.of[2].of: is not known here"),
]
# fmt: on


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_a_faulty_rule_is_refused_with_file_key_and_remedy(
    path: tuple[str | int, ...], value: object, message: str
) -> None:
    with pytest.raises(DocumentError) as error:
        parse_rule_set(change(rule(), path, value), origin="clinic.toml")

    assert str(error.value).startswith(f"clinic.toml: {message}")


def test_a_not_turns_exactly_one_criterion() -> None:
    content = rule()
    content["root"]["of"][1]["of"] *= 2

    with pytest.raises(DocumentError, match="must list exactly one criterion"):
        parse_rule_set(content, origin="x")


def test_a_rule_too_deep_to_read_is_refused() -> None:
    leaf = {"criterion": "satisfied", "id": "leaf", "label": "Leaf"}
    for number in range(60):
        leaf = {"criterion": "not", "id": f"n{number}", "label": "Not", "of": [leaf]}  # type: ignore[dict-item]

    with pytest.raises(DocumentError, match="levels deep; flatten the rule"):
        parse_rule_set({**rule(), "root": leaf}, origin="x")


def test_text_that_is_not_toml_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"broken\.toml: is not TOML"):
        read_rule_set("id = ", origin="broken.toml")


# fmt: off
THRESHOLDS = [
    ("50%",   F(1, 2),    "50 %"),
    ("100%",  F(1),       "100 %"),
    ("33.3%", F(333, 1000), "33.3 %"),
    ("1/3",   F(1, 3),    "100/3 %"),
]
# fmt: on


@pytest.mark.parametrize(("text", "share", "shown"), THRESHOLDS)
def test_a_threshold_is_exact_and_shown_exactly(text: str, share: F, shown: str) -> None:
    assert parse_threshold(text) == share
    assert display_threshold(share) == shown


@pytest.mark.parametrize("text", ["", "50", "0.5", "0%", "101%", "-50%", "50 %", "3/2", "0/1", "1/0", "５0%"])
def test_a_threshold_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a threshold"):
        parse_threshold(text)


def test_both_first_rules_ship_with_source_and_mark() -> None:
    shipped = rule_sets()

    assert set(shipped) >= {"NORTH_PP", "MAC_NORIDIAN"}
    assert all(one.sources and one.cautions and one.holder for one in shipped.values())
    assert shipped["NORTH_PP"].sources[0].mark is Mark.SEEN
    assert Mark.SEEN.meaning == "seen in the named source"


def test_the_practice_parameters_ask_for_three_things() -> None:
    root = rule_set("NORTH_PP").root

    assert isinstance(root, AllOf)
    assert [child.id for child in root.children] == ["target_pain", "analgesics", "satisfaction"]


def test_an_unknown_rule_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownRuleSet, match=r"no rule set 'NORTH'; known are: .*MAC_NORIDIAN.*, .*NORTH_PP"):
        rule_set("NORTH")


def test_an_older_version_can_be_asked_for_by_name() -> None:
    newest = rule_set("NORTH_PP")

    assert rule_set("NORTH_PP", version=newest.version) == newest
    with pytest.raises(UnknownRuleSet, match=r"'NORTH_PP 1999\.1'; known are: .*NORTH_PP 2007\.1"):
        rule_set("NORTH_PP", version="1999.1")


def test_before_its_first_day_a_rule_is_not_in_force() -> None:
    assert "MAC_NORIDIAN" not in rule_sets(on=date(2022, 12, 31))
    assert "MAC_NORIDIAN" in rule_sets(on=date(2023, 1, 1))


def test_no_published_rule_file_has_changed() -> None:
    """Fails when a file in sctrial/rulesets was edited; the message says what to do instead."""
    require_locked(shipped_rule_sets(), lock=read_lock())


def test_a_changed_rule_without_a_new_version_is_refused_with_the_remedy() -> None:
    original, changed = (read_rule_set(text, origin="x") for text in (RULE, RULE.replace("50%", "40%")))

    with pytest.raises(RuleSetChanged, match=r"@2026\.1 was changed after .* new file with the next version"):
        require_locked([changed], lock={"CLINIC_RULE@2026.1": original.digest})


def test_a_new_rule_is_refused_until_it_is_locked_and_the_line_to_add_is_shown() -> None:
    new = read_rule_set(RULE, origin="x")

    with pytest.raises(RuleSetChanged) as error:
        require_locked([new], lock={})

    assert f'"CLINIC_RULE@2026.1" = "{new.digest}"' in str(error.value)
    require_locked([new], lock={"CLINIC_RULE@2026.1": new.digest})


def test_a_published_rule_that_is_gone_is_missed() -> None:
    with pytest.raises(RuleSetChanged, match=r"OLD@2020\.1 is locked but its file is gone; restore it"):
        require_locked([], lock={"OLD@2020.1": "sha256:00"})


def test_a_rule_may_be_in_force_for_a_single_day() -> None:
    one_day = change(rule(), ("in_force_to",), date(2026, 1, 1))

    assert parse_rule_set(one_day, origin="x").is_in_force(date(2026, 1, 1))


def test_of_several_ids_used_twice_the_first_of_the_alphabet_is_named() -> None:
    content = rule()
    content["root"]["of"] += deepcopy(content["root"]["of"])

    with pytest.raises(DocumentError, match="the criterion id 'leg_not_better' is used twice"):
        parse_rule_set(content, origin="x")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of rule files that is read in place of the shipped one."""
    monkeypatch.setattr("sctrial.criteria.files", lambda _package: tmp_path)
    rules = tmp_path / "rulesets"
    rules.mkdir()
    return rules


def put(shelf: Path, *, version: str, name: str) -> None:
    text = RULE.replace('"2026.1"', f'"{version}"')
    (shelf / name).write_text(text, encoding="utf-8")


def test_versions_of_a_rule_follow_each_other_as_numbers_not_as_text(shelf: Path) -> None:
    for version in ("2026.10", "2026.9", "2025.11"):
        put(shelf, version=version, name=f"CLINIC_RULE@{version}.toml")

    # Unwrapped, because what ships is read once and kept.
    read = shipped_rule_sets.__wrapped__()

    assert [rule.version for rule in read] == ["2025.11", "2026.9", "2026.10"]


def test_a_rule_file_is_named_after_its_id_and_version_and_other_files_are_no_rules(shelf: Path) -> None:
    (shelf / LOCK_NAME).write_text("", encoding="utf-8")
    (shelf / "README.md").write_text("", encoding="utf-8")
    assert shipped_rule_sets.__wrapped__() == ()

    put(shelf, version="2026.2", name="CLINIC_RULE@2026.1.toml")
    with pytest.raises(DocumentError, match=r"@2026\.1\.toml: rename the file to CLINIC_RULE@2026\.2\.toml"):
        shipped_rule_sets.__wrapped__()
