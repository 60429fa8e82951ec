"""The examples for analysts run as they stand, against a real server and a made-up snapshot."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from django.conf import LazySettings
from nbclient import NotebookClient
from pytest_django.live_server_helper import LiveServer

from apps.accounts.keys import issue_key
from apps.accounts.models import Clinic, User
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import table_of
from apps.cohorts.services import make_snapshot
from tests.apps.cohorts.test_services import asker
from tests.factories.deciding import make_waiting

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
CELL = re.compile(r"^```\{python\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def snapshot(transactional_db: None, clinic: Clinic) -> Snapshot:
    for _ in range(5):
        make_waiting(clinic)
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


@pytest.fixture
def environment(
    live_server: LiveServer, settings: LazySettings, snapshot: Snapshot, analyst: User
) -> dict[str, str]:
    settings.PUBLIC_URL = live_server.url
    made = issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=datetime.now(UTC))
    return {
        "SCTRIAL_SERVER": live_server.url,
        "SCTRIAL_KEY": made.token,
        "SCTRIAL_SNAPSHOT": snapshot.pk,
    }


def mean_of_pain(snapshot: Snapshot) -> float:
    daily = table_of(snapshot, "daily").to_pandas()
    found: float = daily.loc[daily["parameter"] == "average", "value"].mean()
    return found


def test_the_notebook_runs_and_gives_the_means_of_the_snapshot(
    environment: dict[str, str], snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests may have no home that can be written to.
    for name, value in (environment | {"IPYTHONDIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    notebook: Any = nbformat.read(EXAMPLES / "snapshot.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell('float(pain["value"].mean())'))

    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()

    (told,) = [output["data"]["text/plain"] for output in notebook.cells[-1].outputs]
    assert float(told) == pytest.approx(mean_of_pain(snapshot))


def test_the_notebook_is_kept_without_what_it_gave() -> None:
    cells = json.loads((EXAMPLES / "snapshot.ipynb").read_text(encoding="utf-8"))["cells"]

    assert [cell["outputs"] for cell in cells if cell.get("outputs")] == []


def test_the_cells_of_the_report_run_in_their_order(
    environment: dict[str, str], snapshot: Snapshot, tmp_path: Path
) -> None:
    cells = CELL.findall((EXAMPLES / "snapshot.qmd").read_text(encoding="utf-8"))
    script = tmp_path / "report.py"
    script.write_text("\n".join([*cells, "print(met, len(judged))"]), encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, script], env=os.environ | environment, capture_output=True, text=True, check=True
    )

    answers = table_of(snapshot, "trials").column("answer").to_pylist()
    judged = [answer for answer in answers if answer in ("met", "not_met")]
    assert len(cells) == 4
    assert judged
    assert ran.stdout.split() == [str(judged.count("met")), str(len(judged))]


def link_to(environment: dict[str, str], table: str) -> str:
    place = (
        f"{environment['SCTRIAL_SERVER']}/api/v1/cohorts/snapshots/{environment['SCTRIAL_SNAPSHOT']}/links"
    )
    headers = {
        "Authorization": f"Bearer {environment['SCTRIAL_KEY']}",
        "Content-Type": "application/json",
    }
    body = json.dumps({"table": table, "format": "csv"}).encode()
    with urllib.request.urlopen(urllib.request.Request(place, data=body, headers=headers)) as answer:
        url: str = json.load(answer)["url"]
    return url


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R on this machine: install r-base-core")
def test_r_reads_the_address_and_gives_the_same_mean(environment: dict[str, str], snapshot: Snapshot) -> None:
    told = environment | {"SCTRIAL_URL": link_to(environment, "daily")}

    ran = subprocess.run(
        ["Rscript", EXAMPLES / "snapshot.R"],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=True,
    )

    means = [float(row["value"]) for row in csv.DictReader(io.StringIO(ran.stdout))]
    daily = table_of(snapshot, "daily").to_pandas()
    pain = daily[daily["parameter"] == "average"]
    expected = pain.groupby(["phase", "trial_id"])["value"].mean()
    assert sorted(means) == pytest.approx(sorted(expected))
