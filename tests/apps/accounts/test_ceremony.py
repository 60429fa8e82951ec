"""What comes back from a browser is read without trust; who signed it stands in test_passkeys.py."""

import json
from datetime import UTC, datetime

import pytest
from fido2.utils import websafe_encode
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from pytest_django import Settings

from apps.accounts.ceremony import (
    Challenge,
    NotProven,
    Presented,
    is_made_at,
    microseconds,
    read_made,
    read_used,
)
from apps.accounts.models import User
from tests.factories.authenticator import SoftAuthenticator

AT = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)
SIGN = {"path": "/staff/trials/7/sign/"}
PARTS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=6,
)
BINARY = st.binary(max_size=200).map(websafe_encode)
RESPONSE = st.dictionaries(st.sampled_from(PARTS), BINARY | JSON, max_size=5)


@tries(max_examples=100, deadline=None)
@given(text=st.text(max_size=50) | JSON.map(json.dumps), response=RESPONSE | JSON, is_whole=st.booleans())
def test_whatever_is_sent_in_place_of_a_credential_is_refused(
    text: str, response: object, is_whole: bool
) -> None:
    """Never an error of another kind, for making a passkey and for using one."""
    user, challenge = User(pk=1, username="clinician"), Challenge("00" * 32, microseconds(AT))
    device = SoftAuthenticator()
    for kind, options, take in (
        (device.make, {"rp": {"id": "testserver"}, "challenge": "AA"}, read_made),
        (device.prove, {"rpId": "testserver", "challenge": "AA"}, read_used),
    ):
        right = json.loads(kind(options))
        sent = json.dumps(right | {"response": mixed(right["response"], response)}) if is_whole else text
        with pytest.raises(NotProven):
            take(user, Presented(sent, challenge, SIGN), known=[])


def mixed(right: dict[str, str], wrong: object) -> object:
    return right | wrong if isinstance(wrong, dict) else wrong


# fmt: off
ADDRESSES = [
    # the service's address        the browser's                   made there?
    ("https://sctrial.example.org", "https://sctrial.example.org", True),
    ("https://sctrial.example.org", "https://other.example.org",   False),
    ("https://sctrial.example.org", "http://sctrial.example.org",  False),
    ("http://localhost:8000",       "http://localhost:8000",       True),
    ("http://localhost:8000",       "http://127.0.0.1:8000",       False),
    ("http://127.0.0.1:8000",       "http://127.0.0.1:8000",       False),
]
# fmt: on


@pytest.mark.parametrize(("ours", "theirs", "made"), ADDRESSES)
def test_passkeys_are_made_at_the_one_address_with_a_name(
    settings: Settings, ours: str, theirs: str, made: bool
) -> None:
    settings.PASSKEY_ORIGIN = ours

    assert is_made_at(theirs) is made
