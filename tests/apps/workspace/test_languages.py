"""The staff site in the languages that are begun: complete, current, and the same record in each."""

import gettext
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.first_password import ELSEWHERE, HAS_ONE, LEFT
from apps.accounts.keys import LIFETIMES, SCOPES
from apps.accounts.models import (
    ASSESSMENTS,
    EMERGENCY_ENDS,
    EMERGENCY_REASONS,
    ROLE_LABELS,
    Clinic,
    User,
)
from apps.accounts.people import REFUSALS
from apps.diary.answer_words import CORRECTION, SHORT
from apps.diary.models import ORIGINATORS, OUTCOMES
from apps.diary.models.devices import DECISIONS, HOLDERS
from apps.diary.models.requests import TASK_KINDS
from apps.drawn import STALE
from apps.outcomes.models import ANSWERS, Signature
from apps.outcomes.models.decisions import CHOICES, MEANINGS
from apps.patients.models import ERASURE_REASONS, Patient
from apps.trials.models import StimulationTrial, label
from apps.workspace.actors import ROLE_NAMES
from apps.workspace.before_page import ADEQUATE, EXHAUSTED, FAILED
from apps.workspace.emergency_review import AssessmentForm
from apps.workspace.emergency_views import OpenForm
from apps.workspace.erase_views import AGAIN, FIELDS, ErasureForm
from apps.workspace.factor_views import FactorForm, PasskeyForm
from apps.workspace.import_forms import ProposalForm, WordsForm
from apps.workspace.import_page import FATES
from apps.workspace.key_views import KeyForm
from apps.workspace.people_forms import EndForm, PersonForm, RoleForm
from apps.workspace.review import KINDS as REVIEWED
from apps.workspace.review import NOT_KNOWN, TAKEN_WORDS
from apps.workspace.review_views import PeriodForm
from apps.workspace.sign_page import FACTORS, DecisionForm, HandForm, ReopenForm
from apps.workspace.spoken import TRANSLATED
from apps.workspace.steps import ExtensionForm, StepForm
from apps.workspace.verdicts import NOTICE
from apps.workspace.work_rows import COLUMNS
from apps.workspace.worklist import KINDS
from sctrial.checklist import BODY_REGIONS
from sctrial.choices import AGAINST_REASONS, MEANING_WORDS
from sctrial.mishaps import ALERT_OUTCOMES
from sctrial.phases import END_REASON_WORDS, STEPS, Phase
from sctrial.stimulation import TECHNICAL_CAUSES
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_packet import text_of
from tests.apps.workspace.test_sign_views import address, sent, set_up
from tests.apps.workspace.test_trial_page import url_of
from tests.factories.deciding import make_waiting

HERE = Path(settings.BASE_DIR) / "apps" / "workspace"
#: What says a word in the language of the page says all of its words so.
TEMPLATES = [
    text
    for path in sorted((HERE / "templates").rglob("*.html"))
    if "load i18n" in (text := path.read_text(encoding="utf-8"))
]
LANGUAGES = ("de", "es")
MESSAGE = re.compile(r'^msgid "(.+)"\n(?:msgid_plural .+\n)?msgstr(?:\[0\])? "(.+)"$', re.M)
HOLES = re.compile(r"%\(\w+\)[sd]")


def catalogue(language: str) -> gettext.GNUTranslations:
    path = HERE / "locale" / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def words_of_templates() -> set[str]:
    plain = {words for text in TEMPLATES for words in re.findall(r'{% translate "([^"]+)"', text)}
    blocks = [
        part
        for text in TEMPLATES
        for part in re.findall(r"{% blocktranslate[^%]*%}(.*?){% (?:plural|end)", text)
    ]
    return plain | {re.sub(r"{{ (\w+) }}", r"%(\1)s", part) for part in blocks}


def words_of_code() -> set[str]:
    """What is said where a page is put together."""
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("*.py")]
    return {words for text in texts for words in re.findall(r'\b(?:gettext|_)\(\s*"([^"]+)"', text)}


def words_of_tables() -> set[str]:
    lists = {words for kind in KINDS for words in (kind.card, kind.heading, kind.empty)}
    lists |= {column.heading for columns in COLUMNS.values() for column in columns}
    codes = {label(code.value) for code in Phase} | set(END_REASON_WORDS.values())
    tasks = {words.replace("%", "%%") for words in TASK_KINDS.values()}
    steps = {step.name for step in STEPS}
    core = (
        BODY_REGIONS,
        ADEQUATE,
        FAILED,
        SCOPES,
        LIFETIMES,
        ERASURE_REASONS,
        ANSWERS,
        CHOICES,
        MEANINGS,
        AGAINST_REASONS,
        ORIGINATORS,
        TECHNICAL_CAUSES,
        FACTORS,
    )
    diary = (HOLDERS, DECISIONS, ALERT_OUTCOMES, SHORT, OUTCOMES)
    emergency = (EMERGENCY_REASONS, EMERGENCY_ENDS, ASSESSMENTS)
    values = {words for table in (*core, *diary, *emergency) for words in table.values()}
    review = {words for kind in REVIEWED for words in (kind.heading, kind.rule, kind.empty, *kind.columns)}
    review |= {NOT_KNOWN, *TAKEN_WORDS.values()}
    single = {NOTICE, "Worklist", CORRECTION, AGAIN, *FIELDS.values(), *FATES, "Front", "Back"}
    single |= {*ROLE_LABELS.values(), *ROLE_NAMES.values(), STALE}
    single |= {f"{words}." for words in (*REFUSALS, HAS_ONE, ELSEWHERE, LEFT)}
    told = {words for one in EXHAUSTED.values() for words in (one.short, one.words)}
    return told | lists | codes | tasks | steps | values | set(MEANING_WORDS.values()) | single | review


def words_of_forms() -> set[str]:
    """As they are before a page of another language shows them."""
    today = date(2026, 10, 14)
    forms = [HandForm(), DecisionForm(), ReopenForm(), FactorForm(), PasskeyForm()]
    forms += [PeriodForm(clinics=Clinic.objects.none())]
    forms += [KeyForm(), ErasureForm(patient=Patient(pseudonym="P-1"))]
    forms += [StepForm(step=step, today=today) for step in STEPS] + [ExtensionForm(planned=None)]
    forms += [OpenForm(clinics=[]), AssessmentForm(), PersonForm(), RoleForm(), EndForm()]
    forms += [ProposalForm(clinics=Clinic.objects.none()), WordsForm(prefix="refuse")]
    fields = [field for form in forms for field in form.fields.values() if not field.widget.is_hidden]
    return {str(words) for field in fields for words in (field.label, field.help_text) if words}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_page_that_is_begun_is_translated(language: str) -> None:
    known = catalogue(language)
    lacking = {
        words
        for words in words_of_templates() | words_of_tables() | words_of_forms() | words_of_code()
        if known.gettext(words) == words and known.ngettext(words, "", 1) == words
    }

    # Words that a language shares with English.
    assert lacking <= {"Name", "Phase", "Region", "Stimulation", "passkey", "push"}


@pytest.mark.parametrize("text", TEMPLATES, ids=lambda text: text[:40])
def test_a_page_that_is_begun_has_no_bare_english(text: str) -> None:
    """But for what is marked as English: sentences that are put together outside the template."""
    for left_out in (
        r"{% blocktranslate.*?{% endblocktranslate %}|{% block bodyclass %}.*?{% endblock %}",
        r'<[^<>]*\blang="en"[^>]*>.*?(?=</)',
        r"{[%#].*?[%#]}|{{.*?}}",
        r"<(code|script)\b.*?</\1>",
        r"<[^<>]*>|&\w+;",
    ):
        text = re.sub(left_out, " ", text, flags=re.DOTALL)

    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {"Demo", "JSON", "UTC"}


def test_the_pages_that_are_begun_are_those_of_the_table() -> None:
    begun = {
        path.relative_to(HERE / "templates").as_posix()
        for path in (HERE / "templates").rglob("*.html")
        if re.search(r'{% extends "admin/.*load i18n', path.read_text(encoding="utf-8"), re.DOTALL)
    }

    assert begun - {"admin/base_site.html"} == TRANSLATED


@pytest.mark.parametrize(
    ("address", "spoken"),
    [
        ("/staff/", "de"),
        ("/staff/access/", "de"),
        ("/staff/patients/patient/", "en-gb"),
    ],
)
def test_a_page_says_the_language_that_its_words_are_in(
    coordinator: User, as_staff: Visit, address: str, spoken: str
) -> None:
    page = as_staff(coordinator).get(address, headers={"Accept-Language": "de"})

    assert page.headers["Content-Language"] == spoken
    assert f'<html lang="{spoken}"' in page.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_or_doubtful(language: str) -> None:
    text = (HERE / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    messages = text.split("\n\n", 1)[1]

    assert "fuzzy" not in text
    assert not re.search(r'^msgstr(\[\d\])? ""$', messages, re.M)
    for first, second in re.findall(
        r'^msgid "(.+)"\n(?:msgid_plural .+\n)?msgstr(?:\[0\])? "(.+)"$', messages, re.M
    ):
        assert sorted(re.findall(r"%\(\w+\)[sd]", first)) == sorted(re.findall(r"%\(\w+\)[sd]", second))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    text = (HERE / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    written = re.findall(r'^msgid "(.+)"$', text, re.M)
    known = catalogue(language)

    assert len(written) == len(set(written)) > 300
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
    assert f'<td role="cell">{phase} <span' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_drawings_are_the_same_in_every_language(
    trial: StimulationTrial, coordinator: User, as_staff: Visit, language: str
) -> None:
    client = as_staff(coordinator)
    pages = [
        # When the page was drawn, in a hidden field, is another instant each time.
        re.sub(r'name="drawn_from" value="[^"]+"', "", page)
        for asked in ("en", language)
        for page in [client.get(url_of(trial), headers={"Accept-Language": asked}).content.decode()]
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_signed_and_taken_away_is_the_same_in_every_language(
    clinic: Clinic, clinician: User, as_staff: Visit, language: str
) -> None:
    """Two trials of the same days, one signed on an English page and one on another."""
    set_up(clinician)
    client = as_staff(clinician)
    signed = [signed_in(client, clinic, clinician, asked=asked) for asked in ("en", language)]

    one, other = (json.loads(row.document) for row in signed)
    assert one["verdict"] == other["verdict"]
    assert one["rule_set"] == other["rule_set"]
    assert {**one["decision"], **OWN} == {**other["decision"], **OWN}
    assert one["signature"]["meaning"] == other["signature"]["meaning"] == "decided"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_download_does_not_depend_on_who_asks_in_which_language(
    clinic: Clinic, clinician: User, as_staff: Visit, language: str
) -> None:
    set_up(clinician)
    client = as_staff(clinician)
    row = signed_in(client, clinic, clinician, asked="en")
    trial = row.decision.trial
    places = (address("trial_signed_document", trial, row.pk), address("trial_packet", trial))

    first, again = (
        [client.get(place, headers={"Accept-Language": asked}).content for place in places]
        for asked in ("en", language)
    )

    assert first[0] == again[0] == row.document.encode()
    assert without_clock(text_of(first[1])) == without_clock(text_of(again[1]))


#: Differs from trial to trial.
OWN = {"id": "", "trial": "", "shown": ""}


def signed_in(client: Client, clinic: Clinic, user: User, *, asked: str) -> Signature:
    trial = make_waiting(clinic, at=datetime.now(UTC))
    place, form = address("trial_sign", trial), sent(trial, user)
    code = form["code"] if not Signature.objects.exists() else ""
    headers = {"Accept-Language": asked}
    assert client.post(place, form | {"code": code}, headers=headers).status_code == 302
    return Signature.objects.get(decision__trial=trial)


def without_clock(text: str) -> str:
    return re.sub(r"\d\d:\d\d(:\d\d)?", "", text)
