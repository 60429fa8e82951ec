"""Log lines: JSON, and nothing in them that belongs to a patient."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Clinic
from config.logs import logging_config, without_words
from tests.factories import make_trial

NOTE = "said-in-confidence"


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """A logger of our own, written by the house's formatter."""
    formatter = logging_config("INFO")["formatters"]["json"]
    kind = formatter.pop("()")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(kind(**formatter))
    handler.addFilter(without_words)
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


def test_a_row_that_is_refused_is_named_by_its_constraint(output: io.StringIO, clinic: Clinic) -> None:
    try:
        with transaction.atomic():
            make_trial(clinic=clinic, target_area=NOTE, lead_placed_on=date(2026, 9, 1))
    except IntegrityError:
        logging.getLogger("of-this-test").exception("failed")

    assert "psycopg.errors.CheckViolation 23514 leads_after_diary_start" in output.getvalue()
    assert NOTE not in output.getvalue()


def test_the_words_of_an_error_are_not_told_nor_those_of_the_one_before_it(output: io.StringIO) -> None:
    told = {"note": "said in confidence".replace(" ", "-")}
    try:
        try:
            raise ValueError(told["note"])
        except ValueError as error:
            raise RuntimeError(told["note"]) from error
    except RuntimeError:
        logging.getLogger("of-this-test").exception("failed")

    text = json.loads(output.getvalue())["exception"]
    assert text.index("builtins.ValueError") < text.index("builtins.RuntimeError")
    assert told["note"] not in output.getvalue()


def test_a_task_that_failed_is_named_by_the_kind_of_its_error(output: io.StringIO) -> None:
    context = {"name": "outcomes.assess_trial", "exc": "ValueError('said-in-confidence')"}

    logging.getLogger("of-this-test").error("Task %(name)s raised: %(exc)s", context)

    assert json.loads(output.getvalue())["event"] == "Task outcomes.assess_trial raised: ValueError"
