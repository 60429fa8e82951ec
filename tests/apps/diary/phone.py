"""A phone in the tests' hand: a token, and the verbs."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client


class Phone:
    def __init__(self, token: str) -> None:
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic(
            method,
            f"/api/v1/{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **named},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)

    def entry(self, body: Any, *, entry_id: object = None) -> Any:
        return self.put(f"diary/entries/{entry_id or uuid4()}", body)

    def answer(self, body: Any, *, answer_id: object = None) -> Any:
        return self.put(f"diary/answers/{answer_id or uuid4()}", body)


def refusal(response: Any) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, code, and the fields with what is wrong with them."""
    problem = response.json()
    errors = [(error["pointer"], error["code"]) for error in problem["errors"]]
    return response.status_code, problem["code"], errors
