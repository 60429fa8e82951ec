"""Log lines: JSON, and nothing in them that belongs to a patient."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest

from config.logs import logging_config


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """A logger of our own, written by the house's formatter."""
    formatter = logging_config("INFO")["formatters"]["json"]
    kind = formatter.pop("()")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(kind(**formatter))
    logger = logging.getLogger("of-this-test")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


def test_a_line_is_one_json_object(output: io.StringIO) -> None:
    logging.getLogger("of-this-test").warning("doorbell out of order for %s", "assess")

    line = json.loads(output.getvalue())

    assert line["event"] == "doorbell out of order for assess"
    assert (line["level"], line["logger"]) == ("warning", "of-this-test")
    assert line["timestamp"].endswith("Z")


def test_a_traceback_does_not_tell_what_the_variables_held(output: io.StringIO) -> None:
    # Put together here, so that the source line in the traceback does not hold it.
    note = "said in confidence".replace(" ", "-")
    try:
        _ = 1 / (len(note) - len(note))
    except ZeroDivisionError:
        logging.getLogger("of-this-test").exception("failed")

    assert "ZeroDivisionError" in output.getvalue()
    assert note not in output.getvalue()
