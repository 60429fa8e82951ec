"""Requests in sequences, as each role: what was stored reads back as it was answered, and stays so."""

import os
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from schemathesis import Case, GenerationMode, Response
from schemathesis.generation.stateful.state_machine import APIStateMachine, StepInput

from tests.fuzz import contract
from tests.fuzz.conftest import Caller
from tests.fuzz.sound_bodies import narrowed

# A fuzzer on a busy machine takes its time.
pytestmark = pytest.mark.timeout(900)
SEQUENCES = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "50")),
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
CREATED, SAME, UNAUTHORISED, NOT_FOUND, CONFLICT = 201, 200, 401, 404, 409
SELDOM = ("DELETE /api/v1/device", "POST /api/v1/pairing")
OF_PHONES = [label for label in contract.OPERATIONS if "cohorts" not in contract.tags_of(label)]
KEPT = ("put_diary_entry", "put_diary_answer", "put_correction", "put_consent")
READ = {put.replace("put", "get"): put for put in KEPT}


def machine_for(caller: Caller, reached: Counter[tuple[str, int]]) -> type[APIStateMachine]:
    # What is not allowed is not in the narrowed contract either: it is sent in test_contract_holds.
    schema = contract.load(narrowed(timezone.now()), modes=[GenerationMode.POSITIVE])
    # Who has left can do nothing more: in most sequences nobody does.
    staying = schema.exclude(operation_id="delete_device").exclude(tag="cohorts")
    base: type[APIStateMachine] = staying.as_state_machine()
    labels = [label for label in OF_PHONES for _ in range(1 if label in SELDOM else 4)]
    strategies = {label: contract.operation_of(schema, label).as_strategy() for label in labels}

    class Sequence(base):  # type: ignore[valid-type,misc]
        """``stored`` is what a careful phone would remember of the answers that it got."""

        def setup(self) -> None:
            self.undone = transaction.atomic()
            self.undone.__enter__()
            self.stored: dict[tuple[str, str], Any] = {}
            self.known = caller.is_phone

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

        @rule(data=st.data(), label=st.sampled_from(labels))
        def any_operation(self, data: st.DataObject, label: str) -> None:
            """Beside the steps that follow a link: also what nobody would expect to follow."""
            case = data.draw(strategies[label])
            if self.known or not caller.is_phone or label not in SELDOM:
                self.step(StepInput.initial(case))

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": caller.headers}

        def validate_response(self, response: Response, case: Case, **kwargs: Any) -> None:
            case.validate_response(response, additional_checks=contract.EVERY_ANSWER)
            operation = case.operation.definition.raw["operationId"]
            reached[operation, response.status_code] += 1
            if case.operation.definition.raw.get("security") and not self.known:
                assert response.status_code == UNAUTHORISED
            elif operation in KEPT or operation in READ:
                self.remember(operation, next(iter(case.path_parameters.values())), response)
            elif operation == "delete_device":
                self.known = False

        def remember(self, operation: str, id_: str, response: Response) -> None:
            key = (READ.get(operation, operation), id_)
            if operation in READ and key in self.stored:
                assert response.status_code == SAME
            if response.status_code == CREATED:
                assert key not in self.stored
            if response.status_code in (CREATED, SAME):
                assert self.stored.setdefault(key, response.json()) == response.json()

    return Sequence


def test_what_is_stored_reads_back_as_it_was_answered(caller: Caller) -> None:
    reached: Counter[tuple[str, int]] = Counter()

    # A stranger gets nowhere, however long the sequence.
    steps = 15 if caller.is_phone else 8
    machine_for(caller, reached).run(settings=settings(SEQUENCES, stateful_step_count=steps))

    wanted = {
        *((put, CREATED) for put in KEPT),
        *(("put_diary_entry", status) for status in (SAME, CONFLICT)),
        *(("get_diary_entry", status) for status in (SAME, NOT_FOUND)),
        ("put_correction", SAME),
        ("post_diary_batch", 207),
        ("put_device", SAME),
        ("delete_device", 204),
        ("get_today", SAME),
    }
    # Sequences that reach nothing would hold every law.
    if caller.is_phone:
        assert sorted(wanted - set(reached)) == []
    else:
        assert {status for operation, status in reached if operation != "pair_device"} == {UNAUTHORISED}
    assert reached.total() > SEQUENCES.max_examples * 3
