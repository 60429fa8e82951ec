"""Log lines are JSON with a request id; they never hold a score, a note or a token."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from structlog.typing import ExcInfo


def frames_of(exc_info: ExcInfo) -> str:
    """Where an error came from, of what kind it is, and none of its words: they quote what was sent or kept.

    A refusal of PostgreSQL would print the whole row. Its state and its constraint tell the fault as well.
    """
    return "\n".join(_each_without_words(exc_info[1]))


def _each_without_words(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _each_without_words(before)
    named = (getattr(error, "sqlstate", None), getattr(getattr(error, "diag", None), "constraint_name", None))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield "".join(traceback.format_tb(error.__traceback__)) + " ".join([kind, *filter(None, named)])


def without_words(record: logging.LogRecord) -> bool:
    """Celery puts the error of a task into its line; the kind of it is enough."""
    if isinstance(record.args, Mapping) and "exc" in record.args:
        record.args = {**record.args, "exc": str(record.args["exc"]).partition("(")[0]}
    return True


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.ExceptionRenderer(frames_of),
]


def logging_config(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": PROCESSORS,
            }
        },
        "filters": {"wordless": {"()": lambda: without_words}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["wordless"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # It names recipients and gateways; the delivery log says what became of a message.
            "apprise": {"level": "CRITICAL", "propagate": False},
            # It names credentials; the trail says whose passkey was made or used.
            "fido2": {"level": "WARNING"},
        },
    }


structlog.configure(
    processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
