"""The import bundle: read whole or refused, with file, key and remedy. Wording and figures are invented."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from sctrial.bundles import Bundle, BundleError, NoTable, read_bundle
from sctrial.instruments import OffScore

F = Fraction

WORDING = """
instrument = "peg"
language = "en"
version = "invented 1"
notice = "Invented for a test; belongs to nobody."

[[item]]
code = "pain"
text = "How green is the meadow?"
[[item.answer]]
value = 0
text = "not green"
[[item.answer]]
value = 10
text = "as green as can be"

[[item]]
code = "enjoyment"
text = "How loud is the brook?"

[[item]]
code = "general_activity"
text = "How far is the hill?"
"""


def t_scores() -> str:
    head = 'score = "promis_global_mental_raw"\nbecomes = "promis_global_mental_t"\nversion = "invented 1"\n'
    rows = "".join(f'[[row]]\nraw = {raw}\nt = "{raw + 10}.5"\n' for raw in range(4, 21))
    return f'{head}citation = "Invented for a test"\n{rows}'


def value_set() -> dict[str, object]:
    # Invented: every level above 1 costs 0.05, so the worst profile is 1 - 20 * 0.05 = 0.
    values = {
        "".join(levels): f"{(100 - 5 * sum(int(level) - 1 for level in levels)) // 100}"
        f".{(100 - 5 * sum(int(level) - 1 for level in levels)) % 100:02d}"
        for levels in product("12345", repeat=5)
    }
    return {"id": "NOWHERE", "country": "Nowhere", "citation": "Invented for a test", "values": values}


FILES = {
    "peg_en.toml": ("wording", WORDING),
    "mental.toml": ("t_scores", t_scores()),
    "nowhere.json": ("value_set", json.dumps(value_set())),
}

MANIFEST = """
format = "sctrial.bundle/1"
id = "INVENTED"
version = "2026.1"

[licence]
holder = "A clinic that does not exist"
reference = "No. 0"
until = 2027-12-31

[signed_off]
by = "Nobody in particular"
on = 2026-02-01
"""


def sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def write(directory: Path, *, files: dict[str, tuple[str, str]] = FILES, manifest: str = MANIFEST) -> Path:
    for name, (content, text) in files.items():
        (directory / name).write_text(text, encoding="utf-8")
        manifest += f'\n[[file]]\npath = "{name}"\ncontent = "{content}"\ndigest = "{sha(text)}"\n'
    (directory / "manifest.toml").write_text(manifest, encoding="utf-8")
    return directory


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read_bundle(write(tmp_path))


def test_a_bundle_says_whose_licence_it_is_and_who_signed_it_off(bundle: Bundle) -> None:
    assert (bundle.id, bundle.version) == ("INVENTED", "2026.1")
    assert (bundle.licence.holder, bundle.licence.reference) == ("A clinic that does not exist", "No. 0")
    assert (bundle.signed_off.by, bundle.signed_off.on) == ("Nobody in particular", date(2026, 2, 1))
    assert bundle.is_licensed(date(2027, 12, 31))
    assert not bundle.is_licensed(date(2028, 1, 1))


def test_wording_is_by_instrument_and_language_with_its_notice(bundle: Bundle) -> None:
    wording = bundle.wording["peg", "en"]

    assert wording.items["enjoyment"] == "How loud is the brook?"
    assert wording.answers["pain"] == {0: "not green", 10: "as green as can be"}
    assert wording.notice == "Invented for a test; belongs to nobody."


def test_a_raw_sum_becomes_a_t_score_only_by_a_loaded_table(bundle: Bundle) -> None:
    assert bundle.t_score(F(12), score="promis_global_mental_raw") == F(225, 10)
    with pytest.raises(NoTable, match="bundle INVENTED has no T-scores for promis_global_physical_raw"):
        bundle.t_score(F(12), score="promis_global_physical_raw")
    for off in (F(3), F(21), F(25, 2)):
        with pytest.raises(OffScore, match="promis_global_mental_raw"):
            bundle.t_score(off, score="promis_global_mental_raw")


def test_a_profile_becomes_an_index_only_by_a_loaded_value_set(bundle: Bundle) -> None:
    assert bundle.index("11111", value_set="NOWHERE") == 1
    assert bundle.index("21143", value_set="NOWHERE") == 1 - 6 * F(5, 100)
    assert bundle.index("55555", value_set="NOWHERE") == 0
    with pytest.raises(NoTable, match="has no value set 'CA'"):
        bundle.index("11111", value_set="CA")
    with pytest.raises(OffScore, match="'61111' is not a profile"):
        bundle.index("61111", value_set="NOWHERE")


def test_the_digest_covers_every_file_through_the_manifest(tmp_path: Path, bundle: Bundle) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    again.mkdir()
    other.mkdir()
    changed = {**FILES, "peg_en.toml": ("wording", WORDING.replace("green", "blue"))}

    assert read_bundle(write(again)).digest == bundle.digest
    assert read_bundle(write(other, files=changed)).digest != bundle.digest


# fmt: off
MANIFEST_FAULTS = [
    ('format = "sctrial.bundle/1"', 'format = "sctrial.bundle/9"',
        "manifest.toml: format: is not 'sctrial.bundle/1'"),
    ('version = "2026.1"', 'version = "1"', "manifest.toml: version: '1' must be the year"),
    ('reference = "No. 0"', "", "manifest.toml: licence.reference: is missing"),
    ('by = "Nobody in particular"', "", "manifest.toml: signed_off.by: is missing"),
    ("on = 2026-02-01", "", "manifest.toml: signed_off.on: is missing; give a day"),
    ('id = "INVENTED"', 'id = "INVENTED"\ntypo = 1', "manifest.toml: typo: is not known here"),
    ('id = "INVENTED"', "id = ",                     "manifest.toml: cannot be read as UTF-8 TOML"),
]
FILE_FAULTS = [
    ("wording", 'code = "enjoyment"', 'code = "joy"',
        "item[1].code: 'joy' is given twice or is no item of peg"),
    ("wording", 'code = "enjoyment"', 'code = "pain"',
        "item[1].code: 'pain' is given twice or is no item of peg"),
    ("wording", 'instrument = "peg"', 'instrument = "mood"', "instrument: 'mood' is not an instrument"),
    ("wording", 'language = "en"', 'language = "English"', "language: 'English' is not a language tag"),
    ("wording", "value = 10", "value = 11", "item[0].answer[1].value: must be a whole number from 0 to 10"),
    ("wording", "value = 10", "value = 0", "item[0].answer[1].value: must be a whole number from 0 to 10"),
    ("wording", 'notice =', 'notise =', "notice: is missing"),
    ("wording", '[[item]]\ncode = "enjoyment"\ntext = "How loud is the brook?"', "",
        "item: has no text for enjoyment"),
    ("t_scores", 'raw = 20',                        'raw = 19',    "row[16].raw: 19 is given twice"),
    ("t_scores", '[[row]]\nraw = 20\nt = "30.5"\n', '', "row: must have each raw sum from 4 to 20 once"),
    ("t_scores", 't = "22.5"', 't = "32.5"', "row: has T-scores that do not rise with the raw sum"),
    ("t_scores", 't = "30.5"',                      't = "300.5"', "row: has a T-score outside 0 to 100"),
    ("t_scores", 't = "22.5"',                      't = 22.5',    "row[8].t: must be text"),
    ("t_scores", 'promis_global_mental_raw',        'odi',         "score: odi is not a raw sum"),
    ("t_scores", 'promis_global_mental_raw',        'mood',        "score: 'mood' is not a score"),
    ("value_set", '"11112": "0.95", ', '',                "values.11112: is missing or is no profile"),
    ("value_set", '"11112"',           '"11116"',         "values.11112: is missing or is no profile"),
    ("value_set", '"11112": "0.95"',   '"11112": 0.95',   "values.11112: must be text"),
    ("value_set", '"11112": "0.95"', '"11112": "1.05"', "values.11111: must be the best value and at most 1"),
    ("value_set", '"11112": "0.95"',   '"11112": "0,95"', "values.11112: '0,95' is not a decimal"),
    ("value_set", '"11112": "0.95"', '"11111": "0.95"',
        "cannot be read as UTF-8 JSON: '11111' is given twice"),
]
# fmt: on


@pytest.mark.parametrize(("right", "wrong", "message"), MANIFEST_FAULTS)
def test_a_faulty_manifest_is_refused(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in MANIFEST
    write(tmp_path, manifest=MANIFEST.replace(right, wrong))

    with pytest.raises(BundleError) as error:
        read_bundle(tmp_path)

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("content", "right", "wrong", "message"), FILE_FAULTS)
def test_a_faulty_file_is_refused_even_when_its_digest_is_right(
    tmp_path: Path, content: str, right: str, wrong: str, message: str
) -> None:
    name, text = next((name, text) for name, (kind, text) in FILES.items() if kind == content)
    assert right in text
    write(tmp_path, files={**FILES, name: (content, text.replace(right, wrong))})

    with pytest.raises(BundleError) as error:
        read_bundle(tmp_path)

    assert str(error.value).startswith(f"{name}: {message}")


def alter_after_sign_off(directory: Path) -> None:
    (directory / "peg_en.toml").write_text(WORDING.replace("green", "red"), encoding="utf-8")


def add_a_stranger(directory: Path) -> None:
    (directory / "notes.txt").write_text("not listed")


def remove_a_file(directory: Path) -> None:
    (directory / "mental.toml").unlink()


def put_a_link(directory: Path) -> None:
    elsewhere = directory.parent / "elsewhere.toml"
    elsewhere.write_text(WORDING, encoding="utf-8")
    (directory / "peg_en.toml").unlink()
    (directory / "peg_en.toml").symlink_to(elsewhere)


def swell(directory: Path) -> None:
    (directory / "peg_en.toml").write_text("#" * 5_000_001)


def lead_out(directory: Path) -> None:
    manifest = directory / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("peg_en.toml", "../peg_en.toml"))


def name_the_manifest(directory: Path) -> None:
    manifest = directory / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("peg_en.toml", "manifest.toml"))


def spoil_the_encoding(directory: Path) -> None:
    (directory / "manifest.toml").write_bytes(b"\xff\xfe")


# fmt: off
TAMPERINGS: list[tuple[Callable[[Path], None], str]] = [
    (alter_after_sign_off, "manifest.toml: file[0].digest: peg_en.toml is not the file that was signed off"),
    (add_a_stranger,       "notes.txt: is not in manifest.toml; list it there or take it out"),
    (remove_a_file,        "mental.toml: cannot be read: No such file or directory"),
    (put_a_link,           "peg_en.toml: is a link or larger than"),
    (swell,                "peg_en.toml: is a link or larger than"),
    (lead_out,             "manifest.toml: file[0].path: '../peg_en.toml' must be a file name"),
    (name_the_manifest,    "manifest.toml: file[0].path: 'manifest.toml' must be a file name"),
    (spoil_the_encoding,   "manifest.toml: cannot be read as UTF-8 TOML"),
]
# fmt: on


@pytest.mark.parametrize(("tamper", "message"), TAMPERINGS)
def test_a_bundle_that_is_not_what_was_signed_off_is_refused(
    tmp_path: Path, tamper: Callable[[Path], None], message: str
) -> None:
    directory = tmp_path / "bundle"
    directory.mkdir()
    tamper(write(directory))

    with pytest.raises(BundleError) as error:
        read_bundle(directory)

    assert message in str(error.value)


def test_two_files_that_hold_the_same_are_refused(tmp_path: Path) -> None:
    write(tmp_path, files={**FILES, "peg_en_again.toml": ("wording", WORDING)})

    with pytest.raises(BundleError, match="two files hold the same"):
        read_bundle(tmp_path)


def test_a_bundle_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="file: is missing"):
        read_bundle(write(tmp_path, files={}))


def test_a_directory_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be read: No such file or directory; check the path"):
        read_bundle(tmp_path / "nowhere")
