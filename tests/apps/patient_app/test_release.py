"""The stamp of a release: what a phone compares to know that there is a newer one."""

import re
from pathlib import Path

from apps.patient_app import release

FILES = {"/static/a.js": "00", "/static/b.js": "11"}


class TestStamp:
    def test_does_not_depend_on_the_order_of_the_files(self) -> None:
        backwards = dict(reversed(FILES.items()))

        assert release.stamp(of=FILES, shell=b"page") == release.stamp(of=backwards, shell=b"page")

    def test_changes_with_a_file_a_name_and_the_page(self) -> None:
        changed = [
            release.stamp(of=FILES, shell=b"page"),
            release.stamp(of=FILES | {"/static/a.js": "01"}, shell=b"page"),
            release.stamp(of={"/static/c.js": "00", "/static/b.js": "11"}, shell=b"page"),
            release.stamp(of=FILES, shell=b"another page"),
        ]

        assert len(set(changed)) == len(changed)


def test_the_version_is_one_that_the_api_takes() -> None:
    """At most 40 characters of A-Z a-z 0-9 . _ / @ + - (the schema of answers)."""
    assert re.fullmatch(r"1\.1\.0\+[0-9a-f]{8}", release.version())


class TestSource:
    """Rules that the modules keep; a browser would not complain."""

    def sources(self) -> dict[str, str]:
        folder = Path(release.__file__).parent
        return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.js")}

    def test_no_text_becomes_markup_or_code(self) -> None:
        forbidden = re.compile(
            r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        )
        found = {name: hits for name, text in self.sources().items() if (hits := forbidden.findall(text))}

        assert found == {}

    def test_no_module_is_longer_than_two_hundred_lines(self) -> None:
        assert [name for name, text in self.sources().items() if text.count("\n") > 200] == []

    def test_nothing_comes_from_another_host(self) -> None:
        found = {
            name: hits
            for name, text in self.sources().items()
            if (hits := re.findall(r"https?://[^\s\"'`]+", text))
        }

        assert found == {"dom.js": ["http://www.w3.org/2000/svg"]}
