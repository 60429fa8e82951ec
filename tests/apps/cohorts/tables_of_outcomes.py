"""A small table of outcomes and its mapping, for tests to spoil."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

ROWS = ("id,visit,pain,note", "007,pre,8,-", "007,post,4,-", "NA,pre,6,-", "NA,post,3.5,-", "9,pre,5,-")
CSV = "\n".join(ROWS) + "\n"
MAPPING = """
name = "A table"
source = "made up for a test"
licence = "none"
outcome = "pain, 0 to 10"
low = "0"
high = "10"

[columns]
subject = "id"
time = "visit"
value = "pain"
ignore = ["note"]

[times]
before = ["pre"]
after = ["post"]
"""


def write(folder: Path, content: str | bytes, *, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def run(path: Path, *options: str, mapping: str | Path = MAPPING, clinic: str = "Clinic of the trial") -> str:
    if isinstance(mapping, str):
        mapping = write(path.parent, mapping, name="mapping.toml")
    out = StringIO()
    call_command(
        "import_cohort", str(path), "--clinic", clinic, "--mapping", str(mapping), *options, stdout=out
    )
    return out.getvalue()
