"""What is printed when the demo is up."""

from pathlib import Path

from config.demo.options import Options
from config.demo.welcome import welcome


def test_it_tells_the_address_the_logins_and_where_the_logs_are() -> None:
    options = Options(fresh=False, port=8123, folder=Path("/somewhere/.demo"))

    text = welcome(options, logins="clinician  long-pass-phrase\nPairing code: K7QM-2WXD\n")

    for expected in ("http://127.0.0.1:8123/", "long-pass-phrase", "K7QM-2WXD", "/somewhere/.demo/logs"):
        assert expected in text
    assert "Not a medical device" in text
