"""The trial page: what it says, what may be changed on it, and how it refuses."""

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.diary.pairing import redeem_code
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.reduction import display_mean
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import make_device, make_entries, make_patient, make_trial

TRIALS = "/staff/trials/stimulationtrial/"
# However much waits: tests/apps/workspace/test_diary_page.py.
MOST_STATEMENTS = 25


def url_of(trial: StimulationTrial) -> str:
    return f"{TRIALS}{trial.pk}/change/"


def text_of(client: Client, trial: StimulationTrial) -> str:
    return client.get(url_of(trial)).content.decode()


def fields_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back unchanged."""
    response = client.get(url)
    form = response.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent["drawn_from"] = response.context.get("drawn_from")
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        sent |= {f"{formset.prefix}-{key}": value for key, value in formset.management_form.initial.items()}
        for one in formset.initial_forms:
            sent |= {one.add_prefix(name): one[name].value() for name in one.fields}
    return {name: "" if value is None else value for name, value in sent.items()}


def errors_of(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


# --- what it says ---


def test_every_jump_of_the_page_lands_on_a_part_of_it(trial: StimulationTrial, client: Client) -> None:
    page = text_of(client, trial)

    jumps = re.findall(r'<li><a href="#(\w+)">', page[page.index('<nav class="jump"') :])
    assert jumps[:3] == ["evidence", "chart", "payers"]
    assert {"sureness", "kept", "steps", "data"} <= set(jumps)
    assert [one for one in jumps if f'id="{one}"' not in page] == []


def test_the_payers_are_counted_above_their_table(trial: StimulationTrial, client: Client) -> None:
    """Each rule set of the table is one of those that are counted."""
    context = client.get(url_of(trial)).context

    said = {code: number for code, _, number in context["payers_said"]}
    assert sum(said.values()) == len(context["payers"]) > 0
    assert said.get("met", 0) == sum(one.answer == "met" for one in context["payers"])


def test_the_verdict_stands_in_one_sentence_with_its_figures(trial: StimulationTrial, client: Client) -> None:
    page = text_of(client, trial)

    assert "Average target pain fell by 49.81 %, from 7.57 to 3.80" in page
    assert "the rule asks for a fall of at least 50 %." in page
    assert [figure.value for figure in client.get(url_of(trial)).context["figures"]] == [
        "49.81 %",
        "7.57",
        "3.80",
        "5 of 5",
        "none",
    ]


def test_the_threshold_stands_beside_the_percent(trial: StimulationTrial, client: Client) -> None:
    figures = client.get(url_of(trial)).context["figures"]

    assert figures[0].note == "trial, whole phase, against baseline, last 7 days; the rule asks for ≥ 50 %"


def test_every_criterion_and_every_other_rule_set_is_shown(trial: StimulationTrial, client: Client) -> None:
    page = text_of(client, trial)

    assert "Analgesics at least 50 % lower" in page
    assert "Missing: the daily analgesics before and at the end of the trial" in page
    assert "(from the clinic, from the drug log)" in page
    assert "What each payer would say" in page
    assert "Practice parameters: half the pain" in page


def test_the_page_says_what_the_verdict_rests_on_and_that_it_decides_nothing(
    trial: StimulationTrial, client: Client
) -> None:
    page, row = text_of(client, trial), trial.assessments.get(rule_set_id="MAC_NORIDIAN")

    for fact in (row.evidence_digest, row.rule_set_digest, f"{row.rule_set_id} {row.rule_set_version}"):
        assert fact in page
    assert "This informs a clinician and decides nothing. Not a medical device, not CE marked." in page


def test_the_chart_is_drawn_twice_with_words_for_who_cannot_see_it(
    trial: StimulationTrial, client: Client
) -> None:
    page = text_of(client, trial)

    assert re.findall(r'<svg class="diary-chart[^>]* viewBox="0 0 (\d+) ', page) == ["760", "360"]
    assert "12 of 12 days reported, 7 at baseline and 5 in the trial." in page
    assert "Baseline mean 7.57." in page
    assert "50 % lower = 3.79" in page
    assert page.count('class="c-baseline-point"') == 2 * 7
    assert page.count('class="c-trial-point"') == 2 * 5
    assert "style=" not in page[page.index('<svg class="diary') : page.rindex("</svg>")]


def test_a_missing_day_is_a_cross_on_the_chart_and_a_line_in_its_table(
    clinic: Clinic, client: Client
) -> None:
    trial = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from=first_day(),
        lead_placed_on=first_day() + timedelta(days=7),
    )
    make_entries(trial, {str(first_day()): 7, str(today() - timedelta(days=1)): 3})

    page = client.get(url_of(trial))

    lines = page.context["chart"].lines
    assert sum(line.entry is None for line in lines) == 12 - 2
    assert page.content.decode().count('class="c-miss"') == 2 * (12 - 2)


def test_today_is_not_missing_before_it_is_over(trial: StimulationTrial, client: Client) -> None:
    days = [line.day for line in client.get(url_of(trial)).context["chart"].lines]

    assert max(days) == today() - timedelta(days=1)


@pytest.mark.parametrize(
    ("silent", "words"),
    [
        (0, ""),
        (1, "The day after it, {last}, has no entry and no part in these figures."),
        (4, "The 4 days after it, {first} to {last}, have no entry and no part in these figures."),
    ],
)
def test_days_of_silence_after_the_window_are_named_and_never_called_none_missing_alone(
    clinic: Clinic, client: Client, silent: int, words: str
) -> None:
    """The window ends on the last day with a diary: what came after it would otherwise be seen nowhere."""
    made = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from=date(2026, 9, 1),
        lead_placed_on=date(2026, 9, 8),
        ended_on=date(2026, 9, 12) + timedelta(days=silent),
        end_reason="success",
        phase="decision_pending",
        trial_window="last-n-days:3",
    )
    make_entries(made, {f"2026-09-{day:02}": 8 if day < 8 else 4 for day in range(1, 13)})
    assess(made.pk, at=timezone.now())

    page = text_of(client, made)

    last = f"{12 + silent} Sep 2026"
    told = words.format(first=13, last=last)
    assert ("The trial window ends on 12 Sep, the last day with a diary." in page) is bool(silent)
    assert told in page


def test_the_interval_of_the_reduction_is_a_band_over_the_trial_window(
    trial: StimulationTrial, client: Client
) -> None:
    """As scores: the baseline mean of 53/7, less the least and the most of the interval."""
    least, most = trial.assessments.get(rule_set_id=trial.rule_set_id).certainty["interval_90"]

    page = text_of(client, trial)

    low, high = (display_mean(Fraction(53, 7) * (1 - Fraction(end) / 100)) for end in (most, least))
    assert page.count('class="c-interval"') == 2
    assert f"From {low} to {high}: the 90 % interval of the reduction, taken from the baseline mean." in page


def test_events_are_numbered_on_the_chart_and_in_the_table(trial: StimulationTrial, client: Client) -> None:
    trial.programs.create(
        name="B",
        waveform="burst",
        frequency_hz=40,
        amplitude_ma="2.40",
        started_on=first_day() + timedelta(days=9),
    )
    trial.adverse_events.create(
        onset_on=first_day() + timedelta(days=8), code="lead_site_pain", severity="mild"
    )

    events = client.get(url_of(trial)).context["chart"].events

    assert [(event.number, event.title, event.detail) for event in events] == [
        (1, "Leads placed", ""),
        (2, "Adverse event", "Lead site pain (mild)"),
        (3, "Program started", "B, Burst, 40 Hz, 2.4 mA"),
    ]


def test_a_verdict_older_than_the_record_says_so(trial: StimulationTrial, client: Client) -> None:
    assert "Verdict not current" not in text_of(client, trial)

    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=trial.evidence_version + 1)

    assert "Verdict not current since" in text_of(client, trial)


def test_a_trial_that_was_never_assessed_says_so(clinic: Clinic, client: Client) -> None:
    assert "Not assessed yet" in text_of(client, make_trial(clinic=clinic))


def test_a_scale_without_a_true_zero_carries_a_caution(clinic: Clinic, client: Client) -> None:
    trial = make_trial(clinic=clinic, scale="myaiguide_symptom")
    make_entries(trial, {"2026-10-07": 70, "2026-10-08": 32})
    assess(trial.pk, at=timezone.now())

    page = text_of(client, trial)

    assert "This scale has no true zero" in page
    assert ">3.2</td>" in page


def test_a_scale_with_a_true_zero_carries_none(trial: StimulationTrial, client: Client) -> None:
    assert "no true zero" not in text_of(client, trial)


def test_the_page_costs_a_fixed_number_of_statements(trial: StimulationTrial, client: Client) -> None:
    make_entries(trial, {str(first_day()): [5] * 20})
    # What a process looks up once, such as its content types, is no cost of a page.
    client.get(url_of(trial))

    with CaptureQueriesContext(connection) as captured:
        assert client.get(url_of(trial)).status_code == 200

    assert len(captured) <= MOST_STATEMENTS


# --- the phone ---


def test_a_pairing_code_is_shown_once_and_works(trial: StimulationTrial, client: Client) -> None:
    response = client.post(f"{TRIALS}{trial.pk}/pairing-code/")

    code = response.context["code"]
    assert response.content.decode().count(code) == 1
    assert "no-store" in response["Cache-Control"]
    assert code not in text_of(client, trial)
    device, _ = redeem_code(code, label="phone", at=timezone.now())
    assert device.trial_id == trial.pk


def test_pairing_and_revoking_take_a_post_with_a_token(
    trial: StimulationTrial, coordinator: User, client: Client
) -> None:
    device, _ = make_device(trial)
    pages = (f"{TRIALS}{trial.pk}/pairing-code/", f"{TRIALS}{trial.pk}/phones/{device.pk}/revoke/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(coordinator)

    for page in pages:
        assert client.get(page).status_code == 405
        assert strict.post(page, {"reason": "lost"}).status_code == 403


def test_a_phone_is_revoked_in_one_click(trial: StimulationTrial, client: Client) -> None:
    """What stands in the form as the page comes is enough."""
    device, _ = make_device(trial)
    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()
    given = re.search(rf'id="reason-{device.pk}"[^>]* value="([^"]+)"', page)
    assert given is not None

    client.post(f"{TRIALS}{trial.pk}/phones/{device.pk}/revoke/", {"reason": given[1]})

    device.refresh_from_db()
    assert device.revoked_at is not None
    assert AuditEvent.objects.get(action="revoke").reason == "Lost, or no longer used"


def test_revoking_a_phone_needs_a_reason_and_keeps_it(trial: StimulationTrial, client: Client) -> None:
    device, _ = make_device(trial)
    url = f"{TRIALS}{trial.pk}/phones/{device.pk}/revoke/"

    client.post(url, {"reason": " "})
    device.refresh_from_db()
    assert device.revoked_at is None

    client.post(url, {"reason": "phone was lost"})
    device.refresh_from_db()
    assert device.revoked_at is not None
    assert AuditEvent.objects.get(action="revoke").reason == "phone was lost"
