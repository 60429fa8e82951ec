"""The worklist in the languages that are begun: complete, current, and the same numbers in each."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.diary.models.requests import TASK_KINDS
from apps.outcomes.models import ANSWERS
from apps.trials.models import StimulationTrial
from apps.workspace.verdicts import NOTICE
from apps.workspace.worklist import KINDS
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_trial_page import url_of

HERE = Path(settings.BASE_DIR) / "apps" / "workspace"
TEMPLATES = (
    "admin/base_site",
    "workspace/index",
    "workspace/percent",
    "workspace/task_table",
    "workspace/work_table",
)
LANGUAGES = ("de", "es")


def catalogue(language: str) -> gettext.GNUTranslations:
    path = HERE / "locale" / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def words_of_templates() -> set[str]:
    texts = [(HERE / "templates" / f"{name}.html").read_text(encoding="utf-8") for name in TEMPLATES]
    plain = {words for text in texts for words in re.findall(r'{% translate "([^"]+)" %}', text)}
    blocks = [
        part for text in texts for part in re.findall(r"{% blocktranslate[^%]*%}(.*?){% (?:plural|end)", text)
    ]
    return plain | {re.sub(r"{{ (\w+) }}", r"%(\1)s", part) for part in blocks}


def words_of_tables() -> set[str]:
    lists = {words for kind in KINDS for words in (kind.card, kind.heading, kind.empty)}
    phases = {phase.value.replace("_", " ").capitalize() for phase in Phase}
    tasks = {words.replace("%", "%%") for words in TASK_KINDS.values()}
    return lists | phases | tasks | set(ANSWERS.values()) | {NOTICE, "Worklist"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_worklist_is_translated(language: str) -> None:
    known = catalogue(language)
    lacking = {
        words
        for words in words_of_templates() | words_of_tables()
        if known.gettext(words) == words and known.ngettext(words, "", 1) == words
    }

    # In German a phase is a Phase.
    assert lacking <= {"Phase"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    text = (HERE / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    written = re.findall(r'^msgid "(.+)"$', text, re.M)
    known = catalogue(language)

    assert len(written) == len(set(written)) > 70
    for words in written:
        said = known.gettext(words)
        assert f'"{said if said != words else known.ngettext(words, "", 1)}"' in text


# fmt: off
PAGES = [
    # browser asks for     the heading        and of a trial that runs
    ("de-AT,de;q=0.9",     "Arbeitsliste",    "Testphase läuft"),
    ("es-MX",              "Lista de trabajo", "Prueba activa"),
    ("fr,en;q=0.5",        "Worklist",        "Trial active"),
    ("",                   "Worklist",        "Trial active"),
]
# fmt: on


@pytest.mark.parametrize(("asked", "heading", "phase"), PAGES)
def test_the_worklist_speaks_the_language_of_the_browser(
    trial: StimulationTrial, coordinator: User, as_staff: Visit, asked: str, heading: str, phase: str
) -> None:
    page = as_staff(coordinator).get("/staff/", headers={"Accept-Language": asked}).content.decode()

    assert f"<h1>{heading} <span" in page
    assert f'<td role="cell">{phase}</td>' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_drawings_are_the_same_in_every_language(
    trial: StimulationTrial, coordinator: User, as_staff: Visit, language: str
) -> None:
    client = as_staff(coordinator)
    pages = [
        client.get(url_of(trial), headers={"Accept-Language": asked}).content.decode()
        for asked in ("en", language)
    ]

    drawings = [re.findall(r' (?:d|x|y|cx|cy|points|transform)="[^"]+"', page) for page in pages]
    numbers = [re.findall(r"\d+[.,]\d+", page[page.index("Evidence") :]) for page in pages]
    assert drawings[0] == drawings[1]
    assert numbers[0] == numbers[1]


def test_no_language_is_left_to_the_next_answer_of_the_api(coordinator: User, as_staff: Visit) -> None:
    client = as_staff(coordinator)
    client.get("/staff/", headers={"Accept-Language": "de"})

    refused = client.get("/api/v1/diary/today", headers={"Accept-Language": "de"})

    assert refused.status_code == 401
    assert refused.json()["title"].isascii()
    assert "Content-Language" not in refused.headers
