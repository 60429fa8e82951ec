"""The mapping file is strict: whatever it does not mean, it must not say."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings

from apps.diary.importing.mapping import read_mapping
from sctrial.strict import DocumentError
from tests.apps.diary.imported import MAPPING, changed

LEADS, END = "lead_placed_on = 2026-10-01", "ended_on = 2026-10-09"
STAMP = 'stamp = "at"\nstamp_form = "YYYY-MM-DD"'
TRIAL = MAPPING[MAPPING.index("[trial]") :]


def refusal(changes: Mapping[str, str]) -> str:
    with pytest.raises(DocumentError) as refused:
        read_mapping(changed(MAPPING, changes), origin="mapping.toml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({'patient = "P-7"': 'patiant = "P-7"'}, "patiant", "is not known here"),
        ({"[regions]": '[file]\ndelimeter = ";"\n\n[regions]'}, "file.delimeter", "is not known here"),
        ({'score = "score"': 'score = "score"\nscale = "x"'}, "columns.scale", "is not known here"),
        ({"create = true": "create = true\nphase = 1"}, "trial.phase", "is not known here"),
        ({"create = true": "create = false"}, "trial.", "is not known here"),
        ({"nrs_11": "nrs_10"}, "scale", "must be one of: nrs_11, "),
        ({'"average"': '"mean"'}, "kind", "must be one of: average, "),
        ({'"skip"': '"drop"'}, "duplicates", "must be one of: keep, skip"),
        ({'duplicates = "skip"\n': ""}, "duplicates", "must be one of: keep, skip"),
        ({"Europe/Berlin": "CET+1"}, "zone", "write unstated if nobody knows"),
        ({"Europe/Berlin": "localtime"}, "zone", "write unstated if nobody knows"),
        ({"NORTH_PP": "SOUTH_PP"}, "trial.rule_set", "NORTH_PP"),
        ({"last-n-days:3": "last-3-days"}, "trial.trial_window", "write one of"),
        ({"last-n-days:3": "best-day"}, "trial.trial_window", "may be shown but not judged"),
        ({'"SCS"': '"TENS"'}, "trial.modality", "SCS, DRG"),
        ({'area = "Left leg"': f'area = "{"x" * 121}"'}, "trial.target_area", "shorten it to 120"),
        ({"baseline_days = 2": "baseline_days = 0"}, "trial.baseline_days", "whole number from 1"),
        ({"baseline_days = 2": "baseline_days = true"}, "trial.baseline_days", "whole number from 1"),
        ({"baseline_days = 2\n": ""}, "trial.baseline_days", "whole number from 1"),
        ({"baseline_days = 2": "baseline_days = 2\n" + LEADS}, "trial.baseline_days", "is not known here"),
        ({"baseline_days = 2": "baseline_days = 2\n" + END}, "trial.end_reason", "must be one of"),
        ({"YYYY-MM-DD": "YY-MM-DD"}, "columns.date_form", "is not a form of a date"),
        ({"YYYY-MM-DD": "YYYY-MM"}, "columns.date_form", "does not name day, month and year"),
        ({"YYYY-MM-DD": "YYYY-MM-DD D"}, "columns.date_form", "names one part twice"),
        ({'date = "day"\n': 'day = "day"\n'}, "columns.date", "or day, month and year in its place"),
        ({'date = "day"\n': 'date = "day"\nyear = "y"\n'}, "columns.date", "or day, month and year"),
        ({"date_form": f"{STAMP}\ndate_form"}, "columns.stamp_form", "names no time of day"),
        ({'Back = "back"': 'Back = "Lower Back"'}, "regions.Back", "must be small letters"),
        ({'Back = "back"': "Back = 1"}, "regions.Back", "must be text"),
        ({'happiness = "mood, not pain"': 'happiness = ""'}, "skip.happiness", "must be text, not empty"),
        ({"happiness": "Back"}, "skip", "'Back' stands in [regions] too"),
        ({'patient = "P-7"\n': ""}, "patient", "either here or by columns.patient"),
        ({'name = "name"\n': 'name = "name"\npatient = "id"\n'}, "patient", "not both"),
        ({'name = "name"\n': ""}, "columns.name", "is needed when"),
        ({'patient = "P-7"': 'patient = "P-7"\nregion = "target"'}, "region", "[regions] table"),
        ({"paper-nrs/1": "paper nrs"}, "instrument_version", "such as my-scale/1"),
        ({TRIAL: ""}, "trial", "must be a table"),
        ({"[trial]": "[[trial]]"}, "trial", "must be a table"),
        ({'patient = "P-7"': "patient = "}, "", "not TOML"),
    ],
)  # fmt: skip
def test_it_refuses_and_names_file_key_and_remedy(changes: dict[str, str], key: str, says: str) -> None:
    message = refusal(changes)

    assert message.startswith(f"mapping.toml: {key}")
    assert says in message


def test_a_stamp_needs_a_zone_or_an_offset() -> None:
    stamp = {
        "date_form": 'stamp = "at"\nstamp_form = "YYYY-MM-DD hh:mm"\ndate_form',
        "Europe/Berlin": "unstated",
    }

    assert "zone: must be an IANA name when columns.stamp is read" in refusal(stamp)

    with_offset = stamp | {"date_form": 'stamp = "at"\nstamp_form = "YYYY-MM-DD hh:mmZZ"\ndate_form'}
    assert read_mapping(changed(MAPPING, with_offset), origin="mapping.toml").zone == "unstated"


def test_the_mapping_in_the_docs_is_a_mapping() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "import.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]

    mapping = read_mapping(example, origin="docs/import.md")

    assert mapping.patient == "P-0042"
    assert mapping.columns.stamp_form is not None
