"""The contract as the fuzzer reads it, and what must hold for every answer beside its own checks."""

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis import Case, CheckContext, CheckFunction, GenerationMode, Response
from schemathesis.config import (
    AnalysisConfig,
    ChecksConfig,
    ConstantsConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SimpleCheckConfig,
)
from schemathesis.config._checks import NegativeDataRejectionConfig
from schemathesis.openapi import from_dict
from schemathesis.schemas import APIOperation, BaseSchema

from tests.described import api_description

SEED = 20261125
DESCRIPTION: dict[str, Any] = api_description()
METHODS = ("get", "put", "post", "delete", "patch")
OPERATIONS = sorted(
    f"{method.upper()} {path}"
    for path, item in DESCRIPTION["paths"].items()
    for method in METHODS
    if method in item
)
CODE = re.compile(r"`([a-z][a-z0-9_]+)`")
FIRST_REFUSAL = 400
# A schema cannot say when a window is open: 400 is looked at by `allowed_is_refused_for_a_reason`.
ACCEPTED = ["2xx", "304", "400", "401", "404", "409", "412", "428"]
# 207: a batch refuses its items one by one.
REJECTED = ["207", "400", "401", "404", "413", "415", "428"]
# What a schema can say: what the contract allows must have been refused for another reason.
SAID_BY_SCHEMA = {"unknown_field", "unknown_value", "not_text", "not_an_object", "not_a_flag"}


BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def load(document: Mapping[str, Any] = DESCRIPTION, *, modes: Sequence[GenerationMode] = BOTH) -> BaseSchema:
    project = ProjectConfig(
        # No credentials of the fuzzer's own making: each role brings its token, or none.
        generation=GenerationConfig(modes=list(modes), with_security_parameters=False, deterministic=True),
        checks=ChecksConfig(
            positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=ACCEPTED),
            negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=REJECTED),
            # It asks twice more each time; two of our roles are those without a good token.
            ignored_auth=SimpleCheckConfig(enabled=False),
        ),
        # Cases that follow from words in our source would be others after every commit.
        analysis=AnalysisConfig(constants=ConstantsConfig(enabled=False)),
    )
    config = schemathesis.Config(seed=SEED, projects=ProjectsConfig(default=project))
    schema = from_dict(copy.deepcopy(dict(document)), config=config)
    schema.app = get_wsgi_application()
    return schema


def operation_of(schema: BaseSchema, label: str) -> APIOperation:
    method, _, path = label.partition(" ")
    found: APIOperation = schema[path][method]
    return found


def tags_of(label: str) -> list[str]:
    method, _, path = label.partition(" ")
    tags: list[str] = DESCRIPTION["paths"][path][method.lower()]["tags"]
    return tags


def refusal_is_a_named_problem(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """Every refusal is a problem whose codes the contract names at that status."""
    if response.status_code < FIRST_REFUSAL:
        return None
    assert response.headers["content-type"] == ["application/problem+json"]
    body = response.json()
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    named = {"invalid", *CODE.findall(described.get("description", ""))}
    said = {body["code"], *(error["code"] for error in body["errors"])}
    assert said <= named, (
        f"{case.operation.label} {response.status_code} does not name {sorted(said - named)}"
    )
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"][0]
    return None


def answer_names_the_version(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    assert DESCRIPTION["info"]["version"].startswith(response.headers["api-version"][0] + ".")
    return None


def allowed_is_refused_for_a_reason(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """The schemas say what they can: nothing that they allow is of an unknown shape to the service."""
    if response.status_code != 400:
        return None
    codes = {error["code"] for error in response.json()["errors"]}
    assert not codes & SAID_BY_SCHEMA, f"{case.operation.label}: {response.text}"
    return None


def can_be_wrong(label: str) -> bool:
    """Whether the contract refuses anything there: any text is an id to it, and a reader sends no body."""
    method, _, path = label.partition(" ")
    operation = DESCRIPTION["paths"][path][method.lower()]
    free = [
        one["in"] == "path" and one["schema"] == {"type": "string"} for one in operation.get("parameters", ())
    ]
    return "requestBody" in operation or not all(free)


def is_shut(operation: Mapping[str, Any], *, good_for: frozenset[str]) -> bool:
    """Whether none of the tokens that it wants is at hand."""
    wanted = {name for one in operation.get("security", ()) for name in one}
    return bool(wanted) and not wanted & good_for


def stranger_learns_nothing(good_for: frozenset[str]) -> CheckFunction:
    """Without a token that is good for it everything is 401, whatever was sent; joining alone needs none."""

    def stranger_is_refused(ctx: CheckContext, response: Response, case: Case) -> bool | None:
        if is_shut(case.operation.definition.raw, good_for=good_for):
            assert response.status_code == 401
        return None

    return stranger_is_refused


EVERY_ANSWER: list[CheckFunction] = [refusal_is_a_named_problem, answer_names_the_version]
