"""The mapping file is strict: whatever it does not mean, it must not say."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings

from apps.diary.importing.mapping import read_mapping
from sctrial.strict import DocumentError
from tests.apps.diary.bad_files import MAPPINGS
from tests.apps.diary.imported import MAPPING, changed


def refusal(changes: Mapping[str, str]) -> str:
    with pytest.raises(DocumentError) as refused:
        read_mapping(changed(MAPPING, changes), origin="mapping.toml")
    return str(refused.value)


@pytest.mark.parametrize(("changes", "key", "says"), MAPPINGS)
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
