"""Whatever is sent to an operation, by whomever, the answer is one that the contract promises.

Sent is what the contract allows and what it does not, in halves. Each case is undone after its answer, so
that a failure needs no other case to be seen again. The seed is fixed; for more cases set FUZZ_EXAMPLES.
"""

import os
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.schemas import BaseSchema

from tests.fuzz import contract
from tests.fuzz.conftest import Caller

# A fuzzer on a busy machine takes its time.
pytestmark = pytest.mark.timeout(900)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "50"))
#: Of the cases where the one right answer to everything is 401.
SHUT_SHARE = 5


def half(*, is_shut: bool) -> settings:
    return settings(
        max_examples=EXAMPLES // 2 // (SHUT_SHARE if is_shut else 1),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    return contract.load()


def asking(caller: Caller, *checks: CheckFunction) -> Callable[[Case], None]:
    """Asks one case, looks at its answer, and undoes it."""
    stranger = contract.stranger_learns_nothing(caller.good_for)

    def ask(case: Case) -> None:
        with transaction.atomic():
            response = case.call(headers=caller.headers)
            case.validate_response(response, additional_checks=[*contract.EVERY_ANSWER, stranger, *checks])
            transaction.set_rollback(True)

    return ask


@pytest.mark.parametrize("label", contract.OPERATIONS)
def test_every_answer_is_one_that_the_contract_promises(
    schema: BaseSchema, caller: Caller, label: str
) -> None:
    operation = contract.operation_of(schema, label)
    ask_allowed = asking(caller, contract.allowed_is_refused_for_a_reason)
    ask_refused = asking(caller)
    many = half(is_shut=contract.is_shut(operation.definition.raw, good_for=caller.good_for))

    @seed(contract.SEED)
    @many
    @given(case=operation.as_strategy(GenerationMode.POSITIVE))
    def what_is_allowed(case: Case) -> None:
        ask_allowed(case)

    @seed(contract.SEED)
    @many
    @given(case=operation.as_strategy(GenerationMode.NEGATIVE))
    def what_is_not(case: Case) -> None:
        ask_refused(case)

    what_is_allowed()
    if contract.can_be_wrong(label):
        what_is_not()
