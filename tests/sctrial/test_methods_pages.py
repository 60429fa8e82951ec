"""The methods pages hang together: each is linked, and each link leads somewhere."""

import re
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[2] / "docs" / "methods"
PAGES = sorted(METHODS.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (METHODS / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`(sctrial/[a-z_/]+\.py)`", page.read_text(encoding="utf-8"))

    assert [module for module in named if not (METHODS.parents[1] / module).exists()] == []


def test_every_page_is_linked_from_the_index() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", (METHODS / "index.md").read_text(encoding="utf-8")))

    assert linked == {page.name for page in PAGES} - {"index.md"}
