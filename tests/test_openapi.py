"""The description is a product: whoever builds a client finds words, examples and every way to be refused."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from apps.diary.shapes import ProblemOut
from tests.described import api_description

DESCRIPTION: dict[str, Any] = api_description()
METHODS = ("get", "put", "post", "delete", "patch")
CODE = re.compile(r"`[a-z][a-z0-9_]+`")
FIRST_REFUSAL = 400
#: What is sent there is the credential itself.
WITHOUT_TOKEN = ("POST /api/v1/pairing", "GET /api/v1/cohorts/links/{sealed}")


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in DESCRIPTION["paths"].items()
        for method in METHODS
        if method in item
    }


def refusals(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return (
        (status, answer) for status, answer in operation["responses"].items() if int(status) >= FIRST_REFUSAL
    )


@pytest.mark.parametrize("name", operations())
class TestEveryOperation:
    @pytest.fixture
    def operation(self, name: str) -> dict[str, Any]:
        return operations()[name]

    def test_says_what_it_is_for(self, operation: dict[str, Any]) -> None:
        assert [
            key for key in ("operationId", "summary", "description", "tags") if not operation.get(key)
        ] == []
        assert len(operation["summary"]) <= 60
        assert not operation["summary"].endswith(".")

    def test_shows_what_to_send(self, operation: dict[str, Any]) -> None:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            assert media.get("examples")

    def test_explains_its_parameters(self, operation: dict[str, Any]) -> None:
        bare = [one["name"] for one in operation.get("parameters", ()) if not one.get("description")]

        assert bare == []

    def test_is_refused_in_one_way_with_named_codes(self, operation: dict[str, Any]) -> None:
        found = dict(refusals(operation))

        assert {"429", "503"} <= set(found)
        for status, answer in found.items():
            assert set(answer["content"]) == {"application/problem+json"}
            assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemOut")
            assert CODE.search(answer["description"]), f"{status} names no code"

    def test_shows_every_answer_that_it_may_give(self, operation: dict[str, Any]) -> None:
        for answer in operation["responses"].values():
            for media, about in answer.get("content", {}).items():
                assert about.get("examples") or is_file(media, about)

    def test_a_refusal_is_shown_with_a_code_that_its_description_names(
        self, operation: dict[str, Any]
    ) -> None:
        for status, answer in refusals(operation):
            (shown,) = answer["content"]["application/problem+json"]["examples"].values()
            value = shown["value"]
            codes = [value["code"], *(error["code"] for error in value["errors"])]

            assert value["status"] == int(status)
            assert f"`{codes[-1]}`" in answer["description"]
            assert ProblemOut.model_validate(value).model_dump() == value

    def test_asks_for_a_token_and_says_so_or_for_none(self, name: str, operation: dict[str, Any]) -> None:
        assert bool(operation.get("security")) is ("401" in operation["responses"])
        assert bool(operation.get("security")) is (name not in WITHOUT_TOKEN)

    def test_may_say_that_the_body_is_wrong_if_it_takes_one(self, operation: dict[str, Any]) -> None:
        if "requestBody" in operation:
            assert {"400", "408", "413", "415"} <= set(operation["responses"])


def is_file(media: str, about: dict[str, Any]) -> bool:
    return about["schema"].get("format") == "binary" and "json" not in media


def test_every_name_is_given_once() -> None:
    names = [operation["operationId"] for operation in operations().values()]

    assert len(names) == len(set(names)) >= 16


@pytest.mark.parametrize(
    "name", [name for name in DESCRIPTION["components"]["schemas"] if name.endswith("Body")]
)
def test_every_field_that_is_sent_is_explained(name: str) -> None:
    schema = DESCRIPTION["components"]["schemas"][name]
    bare = [
        field
        for field, about in schema["properties"].items()
        if not {"description", "examples", "$ref", "allOf", "items"} & set(about)
    ]

    assert bare == []
