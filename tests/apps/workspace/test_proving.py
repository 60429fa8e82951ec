"""What a passkey signs is the form as it is filled in, without what proves who asks."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.ceremony import Challenge
from apps.workspace.proving import ProofForm, asked_for

PATH = "/staff/trials/7/sign/"
FILLED = "shown=sha256:0&choice=implant&reason=because+so"


def signed(path: str, body: str) -> bytes:
    return Challenge("00" * 32, 0).bytes_for(asked_for(path, QueryDict(body)))


# fmt: off
OTHERS = [
    ("/staff/trials/8/sign/",        FILLED),
    ("/staff/trials/7/countersign/", FILLED),
    (PATH, "shown=sha256:1&choice=implant&reason=because+so"),
    (PATH, "shown=sha256:0&choice=extend&reason=because+so"),
    (PATH, "shown=sha256:0&choice=implant&reason=because"),
    (PATH, "shown=sha256:0&choice=implant"),
    (PATH, FILLED + "&choice=implant"),
]
# fmt: on


@pytest.mark.parametrize(("path", "body"), OTHERS)
def test_another_address_or_another_field_is_another_thing_to_sign(path: str, body: str) -> None:
    assert signed(path, body) != signed(PATH, FILLED)


@pytest.mark.parametrize("proof", ["password", "code", "spare", "passkey", "csrfmiddlewaretoken"])
def test_what_proves_the_person_is_no_part_of_it(proof: str) -> None:
    assert signed(PATH, f"{FILLED}&{proof}=secret") == signed(PATH, FILLED)


def test_the_order_of_the_fields_and_their_line_ends_do_not_count() -> None:
    assert signed(PATH, "a=1&b=x%0D%0Ay") == signed(PATH, "b=x%0Ay&a=1")


@given(path=st.text(), body=st.text())
def test_whatever_is_sent_can_be_signed(path: str, body: str) -> None:
    path = path.encode("utf-8", "replace").decode()
    assert len(signed(path, body.encode("utf-8", "replace").decode())) == 32


def test_before_the_first_factor_the_password_alone_is_asked() -> None:
    assert list(ProofForm(with_factor=False).fields) == ["password"]
    assert list(ProofForm().fields) == ["password", "code", "passkey"]
