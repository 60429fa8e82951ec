"""What the person at the terminal sees when the demo is up."""

import re
import uuid

from config.demo.options import Options

PAIRING_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
# One answer of tonight, as a phone sends it.
SCORE = (
    '{"region":"target","kind":"average","value":3,"instrument_version":"nrs-average-24h/1",'
    '"zone":"UTC","captured_at":"\'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"\'"}'
)


def welcome(options: Options, *, logins: str) -> str:
    """Address, logins, and how to send a score by hand."""
    parts = [
        "",
        f"sctrial runs at {options.address}/",
        "Made-up people, for looking at. Not a medical device, not CE marked.",
        "",
        logins.strip(),
        "",
        *by_hand(options, logins=logins),
        f"Logs: {options.folder / 'logs'}",
        "Ctrl-C stops everything. The data stay; bin/demo --fresh starts over.",
    ]
    return "\n".join(parts)


def by_hand(options: Options, *, logins: str) -> list[str]:
    """Two lines to paste: pair as a phone does, then send a score and see the trial's page change."""
    code = PAIRING_CODE.search(logins)
    if code is None:
        return []
    json = "-H 'Content-Type: application/json'"
    pairing = f"""curl -s {options.address}/api/v1/pairing {json} -d '{{"code":"{code[0]}"}}'"""
    extract = """sed 's/.*"token": *"\\([^"]*\\)".*/\\1/'"""
    entry = f"{options.address}/api/v1/diary/entries/{uuid.uuid4()}"
    return [
        "Send a score by hand (this uses the pairing code up):",
        f"  TOKEN=$({pairing} | {extract})",
        f"  curl -X PUT {entry} -H \"Authorization: Bearer $TOKEN\" {json} -d '{SCORE}'",
        "",
    ]
