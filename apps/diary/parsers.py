"""JSON taken literally: what a lenient parser would repair is refused here, before any schema sees it."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.http import UnreadablePostError
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from apps.problems import FieldError, Problem

MAX_BYTES = 512 * 1024
MAX_INTEGER_DIGITS = 18
INCOMPLETE = Problem(408, "body_incomplete", "The body did not arrive whole. Send it again.")


class NotPlainInteger:
    """Stands for a number token such as 7.0, 1e1 or -0, so that no schema can take it for an integer."""


def malformed(detail: str) -> Problem:
    error = FieldError("", "malformed_json", detail)
    return Problem(
        400, "malformed_json", "The body is not the JSON that this address takes.", errors=(error,)
    )


def _integer(digits: str) -> int | NotPlainInteger:
    plain = digits != "-0" and len(digits) <= MAX_INTEGER_DIGITS
    return int(digits) if plain else NotPlainInteger()


def _refuse_constant(token: str) -> NoReturn:
    raise malformed(f"{token} is not JSON; leave an unanswered question out instead.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise malformed("A key stands twice in one object; send each key once.")
    return result


DECODER = json.JSONDecoder(
    parse_int=_integer,
    parse_float=lambda _digits: NotPlainInteger(),
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)


def parse_strictly(body: bytes) -> Any:
    """The document in ``body``; floats and odd integers become :class:`NotPlainInteger`."""
    try:
        return DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise malformed("The body is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise malformed(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise malformed("The body is nested too deeply.") from None


def _check_charset(media_type: str) -> None:
    """JSON is UTF-8 (RFC 8259, 8.1); a phone that says otherwise would be misread."""
    if "charset" in media_type.lower():
        sent = parse_header_parameters(media_type)[1].get("charset", "utf-8")
        if sent.lower() not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(media_type)


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _check_charset(media_type or "")
        try:
            body = stream.read(MAX_BYTES + 1)
        except UnreadablePostError:
            raise INCOMPLETE from None
        if len(body) > MAX_BYTES:
            raise Problem(413, "body_too_large", f"Send at most {MAX_BYTES} bytes in one request.")
        return parse_strictly(body)
