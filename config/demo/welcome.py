"""What the person at the terminal sees when the demo is up."""

from config.demo.options import Options


def welcome(options: Options, *, logins: str) -> str:
    """The address, what `manage.py demo_logins` says, and how to end it."""
    parts = [
        "",
        f"sctrial runs at {options.address}/",
        "Made-up people, for looking at. Not a medical device, not CE marked.",
        "",
        logins.strip(),
        "",
        f"Logs: {options.folder / 'logs'}",
        "Ctrl-C stops everything. The data stay; bin/demo --fresh starts over.",
    ]
    return "\n".join(parts)
