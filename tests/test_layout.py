"""A source path gives the test path: apps/diary/views.py is tested in tests/apps/diary/test_views*.py."""

import ast
from pathlib import Path

from tests.test_repository import ROOT, SOURCE, files, relative

# Declarations: what they declare is tested where it is used. Constraints of models by the services that meet
# them, the admin by the pages that it shows.
DECLARES = {"__init__", "__main__", "admin", "apps", "models", "querysets", "signals", "urls", "wsgi"}
THROUGH_THE_API = "only the way of a request through it says whether it is right"
# Modules, or folders of them, that are tested under another name: where, and why there.
ANSWERS = "tests/sctrial/spec/test_criteria_answers.py"
WITH_ITS_RULE = "a criterion is answered within a rule, as a table"
ELSEWHERE: dict[str, tuple[str, str]] = {
    "apps/accounts/authentication.py": ("tests/apps/cohorts/api/test_views_key.py", THROUGH_THE_API),
    "apps/accounts/management/": ("tests/apps/accounts/test_factors.py", "by the command's name"),
    "apps/accounts/sealing.py": ("tests/apps/accounts/test_factors.py", "what it seals is stored there"),
    "apps/audit/management/": ("tests/apps/audit/test_verifying.py", "by the command's name"),
    "apps/audit/services.py": (
        "tests/apps/trials/test_services.py",
        "one INSERT, seen in each act it records",
    ),
    "apps/cohorts/cohort.py": ("tests/apps/cohorts/test_trial_rows.py", "the rows are made with it"),
    "apps/cohorts/comparing.py": ("tests/apps/cohorts/test_views.py", "by the page that shows it"),
    "apps/cohorts/importing/": ("tests/apps/cohorts/test_imports.py", "a file goes through all of it"),
    "apps/cohorts/management/": ("tests/apps/cohorts/test_imports.py", "by the command's name"),
    "apps/cohorts/schedule_form.py": (
        "tests/apps/cohorts/test_schedule_views.py",
        "by the page that holds it",
    ),
    "apps/cohorts/models/": ("tests/apps/cohorts/test_exporting.py", "their constraints, by what meets them"),
    "apps/cohorts/tasks.py": ("tests/faults/test_exports.py", "with a real worker and a real broker"),
    "apps/cohorts/reports/material.py": (
        "tests/apps/cohorts/reports/test_report.py",
        "the figures are made of it",
    ),
    "apps/cohorts/reports/csv_files.py": ("tests/apps/cohorts/test_report_views.py", "read as files there"),
    "apps/cohorts/study_key.py": ("tests/apps/cohorts/test_trial_rows.py", "the study ids are made with it"),
    "apps/cohorts/api/documentation.py": ("openapi.yaml", "bin/check compares the two"),
    "apps/cohorts/api/report_documentation.py": ("openapi.yaml", "bin/check compares the two"),
    "apps/cohorts/api/serializers.py": ("tests/apps/cohorts/api/test_views.py", THROUGH_THE_API),
    "apps/cohorts/throttling.py": ("tests/apps/cohorts/api/test_views_key.py", THROUGH_THE_API),
    "apps/diary/authentication.py": ("tests/apps/diary/test_views_entry.py", THROUGH_THE_API),
    "apps/diary/consent.py": ("tests/apps/diary/test_views_consent.py", THROUGH_THE_API),
    "apps/diary/corrections.py": ("tests/apps/diary/test_views_corrections.py", THROUGH_THE_API),
    "apps/diary/day.py": ("tests/apps/diary/test_views_today.py", "a day is told at an instant"),
    "apps/diary/documentation.py": ("openapi.yaml", "bin/check compares the two"),
    "apps/diary/importing/": ("tests/apps/diary/test_import_rows.py", "a file goes through all of it"),
    "apps/diary/imports.py": ("tests/apps/diary/test_import_myaiguide.py", "on the seven real diaries"),
    "apps/diary/management/": ("tests/apps/diary/test_import_command.py", "by the command's name"),
    "apps/diary/models/": ("tests/apps/diary/test_statements.py", "their constraints, by what meets them"),
    "apps/diary/pairing.py": ("tests/apps/diary/test_views_pairing.py", THROUGH_THE_API),
    "apps/diary/parsers.py": ("tests/apps/diary/test_views_entry.py", THROUGH_THE_API),
    "apps/diary/phones.py": ("tests/apps/diary/test_views_device.py", THROUGH_THE_API),
    "apps/diary/schemas.py": ("tests/apps/diary/test_views_entry.py", THROUGH_THE_API),
    "apps/diary/selectors.py": ("tests/apps/diary/test_views_entry.py", THROUGH_THE_API),
    "apps/diary/serializers.py": ("tests/apps/diary/test_views_entry.py", THROUGH_THE_API),
    "apps/diary/services.py": ("tests/apps/diary/test_views_entry.py", "its statements are counted there"),
    "apps/diary/tasks.py": ("tests/faults/test_reminders.py", "with real beats and real workers"),
    "apps/outcomes/blocks.py": (
        "tests/apps/outcomes/test_assess_command.py",
        "the command is its only caller",
    ),
    "apps/outcomes/management/": ("tests/apps/outcomes/test_assess_command.py", "by the command's name"),
    "apps/outcomes/models/": ("tests/apps/outcomes/test_deciding.py", "by what meets their constraints"),
    "apps/outcomes/receivers.py": ("tests/faults/test_reconciler.py", "with a real worker and a real broker"),
    "apps/workspace/tasks.py": ("tests/apps/workspace/test_daily_review.py", "it hands the clock on"),
    "apps/outcomes/tasks.py": ("tests/faults/test_reconciler.py", "with a real worker and a real broker"),
    "apps/patients/models/": (
        "tests/apps/patients/test_services_record.py",
        "their constraints, by what meets them",
    ),
    "apps/problems.py": ("tests/config/test_api.py", "where a problem becomes an answer"),
    "apps/row_security.py": ("tests/config/postgres/test_scope.py", "by what the database then shows"),
    "apps/trials/models/": ("tests/apps/trials/test_services.py", "their constraints, by what meets them"),
    "apps/trials/policies.py": ("tests/apps/trials/test_services.py", "the services ask them"),
    "apps/trials/receivers.py": (
        "tests/apps/patients/test_services_record.py",
        "where a change of the record is made",
    ),
    "apps/accounts/signing_in.py": ("tests/apps/workspace/test_sign_in.py", "at the door itself"),
    "apps/accounts/trail.py": ("tests/apps/accounts/test_ending.py", "by what it tells each clinic"),
    "apps/workspace/again_views.py": ("tests/config/test_idle.py", "where a session closes"),
    "apps/workspace/idle.py": ("tests/config/test_idle.py", "where a session closes"),
    "apps/workspace/telling.py": ("tests/apps/workspace/test_sign_in.py", "by who is told"),
    "apps/workspace/before_forms.py": (
        "tests/apps/workspace/test_before_views.py",
        "by the page that holds them",
    ),
    "apps/workspace/before_page.py": ("tests/apps/workspace/test_before_views.py", "one test file a page"),
    "apps/workspace/before_review.py": ("tests/apps/workspace/test_before_views.py", "the page shows it"),
    "apps/workspace/context.py": ("tests/apps/workspace/test_site.py", "every page shows it"),
    "apps/workspace/demo/": ("tests/apps/workspace_demo/test_stories.py", "a demo is its stories"),
    "apps/workspace/diary_chart.py": ("tests/apps/workspace/test_chart.py", "one chart, drawn in two steps"),
    "apps/workspace/management/": ("tests/apps/workspace_demo/test_load_demo.py", "by the command's name"),
    "apps/workspace/sign_page.py": ("tests/apps/workspace/test_sign_views.py", "by the page that holds it"),
    "apps/workspace/views.py": ("tests/apps/workspace/test_trial_page.py", "one test file a page"),
    "bin/screenshots.py": ("tests/browser/test_pages.py", "it draws pictures; the pages are tested there"),
    "config/celery.py": ("tests/faults/test_reminders.py", "by the workers that it starts"),
    "config/beat.py": ("tests/faults/test_reconciler.py", "with a broker that is killed"),
    "config/demo/errors.py": ("tests/config/demo/test_children.py", "where they are raised"),
    "config/embedded/errors.py": ("tests/config/embedded/test_postgres.py", "where they are raised"),
    "sctrial/answer_amounts.py": (ANSWERS, WITH_ITS_RULE),
    "sctrial/answer_diary.py": (ANSWERS, WITH_ITS_RULE),
    "sctrial/answer_facts.py": (ANSWERS, WITH_ITS_RULE),
    "sctrial/binomial.py": ("tests/sctrial/test_intervals.py", "an exact interval is its tails"),
    "sctrial/bundle_files.py": ("tests/sctrial/test_bundles.py", "a bundle is its files"),
    "sctrial/certainty_frame.py": (
        "tests/sctrial/laws/test_certainty_frame_agrees.py",
        "the twin of certainty.py, and nothing else",
    ),
    "sctrial/commands/": ("tests/sctrial/test_cli.py", "by the command's name"),
    "sctrial/eligibility.py": ("tests/sctrial/test_facts.py", "a table, read by the facts"),
    "sctrial/evaluate.py": ("tests/sctrial/test_verdict.py", "a verdict is its evaluation"),
    "sctrial/figures.py": ("tests/sctrial/test_verdict.py", "a verdict is made of them"),
    "sctrial/instruments/": ("tests/sctrial/test_instruments.py", "one table of instruments, in parts"),
    "sctrial/nodes.py": ("tests/sctrial/test_criteria.py", "a rule set is its nodes"),
    "sctrial/results.py": ("tests/sctrial/test_verdict.py", "a verdict holds them"),
    "sctrial/sources.py": ("tests/sctrial/test_criteria.py", "a rule set is read with its sources"),
    "sctrial/therapy_table.py": ("tests/sctrial/test_therapies.py", "a table, read by what is computed"),
    "sctrial/trail.py": ("tests/apps/audit/test_exporting.py", "with the chain that PostgreSQL wrote"),
    "sctrial/totals.py": ("tests/sctrial/laws/test_scalar_and_frame_agree.py", "both ways give the same"),
}


def has_own_test(source: Path) -> bool:
    folder = ROOT / "tests" / source.relative_to(ROOT).parent
    stem = source.stem
    return any(folder.glob(f"test_{stem}.py")) or any(folder.glob(f"test_{stem}_*.py"))


def does_something(source: Path) -> bool:
    """Whether there is a function in it; a module of constants or fields is a declaration."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def untested() -> list[str]:
    sources = [path for path in files(*SOURCE) if path.stem not in DECLARES and does_something(path)]
    return [relative(path) for path in sources if not has_own_test(path)]


def is_covered(source: str, place: str) -> bool:
    return source.startswith(place) if place.endswith("/") else source == place


def test_every_source_has_its_test() -> None:
    missing = [source for source in untested() if not any(is_covered(source, place) for place in ELSEWHERE)]

    assert missing == [], (
        "Write tests/<its path>/test_<its name>.py, or say in ELSEWHERE what tests it and why."
    )


def test_the_exceptions_are_needed_and_true() -> None:
    lacking = untested()
    stale = [place for place in ELSEWHERE if not any(is_covered(source, place) for source in lacking)]
    untrue = [test for test, _ in ELSEWHERE.values() if not (ROOT / test).exists()]

    assert (stale, untrue) == ([], []), "Take out of ELSEWHERE what is no exception any more."
