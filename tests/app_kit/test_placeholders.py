"""What a golden file leaves open, and what it does not."""

import uuid

import pytest

from kit.placeholders import Names, Unbound

ID = "5c9b7f64-3d0f-4d0e-9b7c-2f8f3f1f9d2a"


def differences(
    golden: object, found: object, names: Names | None = None
) -> list[tuple[str, object, object]]:
    return list((names or Names()).differences(golden, found))


def places(golden: object, found: object) -> list[str]:
    return [place for place, _, _ in differences(golden, found)]


def test_an_id_is_made_once_and_is_the_same_everywhere() -> None:
    names = Names()

    filled = names.fill({"id": "<uuid4:a>", "path": "/entries/<uuid4:a>", "other": "<uuid4:b>"})

    assert uuid.UUID(filled["id"]).version == 4
    assert filled["path"] == f"/entries/{filled['id']}"
    assert filled["other"] != filled["id"]


def test_a_request_cannot_use_what_no_reply_has_given() -> None:
    with pytest.raises(Unbound, match="<token:phone>"):
        Names().fill({"Authorization": "Bearer <token:phone>"})


def test_the_first_reply_binds_and_the_second_must_agree() -> None:
    names = Names()

    assert differences('"<receipt:r>"', '"0123456789abcdef"', names) == []
    assert differences({"receipt": "<receipt:r>"}, {"receipt": "0123456789abcdef"}, names) == []
    assert differences({"receipt": "<receipt:r>"}, {"receipt": "fedcba9876543210"}, names) == [
        ("/receipt", "0123456789abcdef", "fedcba9876543210")
    ]


@pytest.mark.parametrize(
    ("golden", "found"),
    [
        ("<uuid4:a>", ID.upper()),
        ("<time>", "yesterday"),
        ("<receipt:r>", "0123"),
        ('"device";r=<number>;t=<number>', '"device";r=some;t=1'),
        (4, 5),
        (4, "4"),
        (1, True),
        (None, ""),
        ({"a": 1}, {}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1], [1, 2]),
        ("a.c", "abc"),
    ],
)
def test_what_is_not_the_same_is_found(golden: object, found: object) -> None:
    assert len(differences(golden, found)) == 1


@pytest.mark.parametrize(
    ("golden", "found"),
    [
        ("<uuid4:a>", ID),
        ("<time>", "2026-10-12T20:14:05.250000+02:00"),
        ("Mon, 12 Oct 2026 <clock> GMT", "Mon, 12 Oct 2026 18:15:00 GMT"),
        ('"device";r=<number>;t=<number>', '"device";r=119;t=60'),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ({"a": "<any>"}, {"a": {"what": "ever"}}),
    ],
)
def test_what_fits_is_no_difference(golden: object, found: object) -> None:
    assert differences(golden, found) == []


def test_words_for_people_must_be_there_but_may_get_better() -> None:
    golden = {"code": "invalid", "detail": "Send a whole number.", "wording": {"text": "How?", "low": "none"}}

    better = golden | {"detail": "Please send a whole number.", "wording": {"text": "How now?", "low": "no"}}
    assert differences(golden, better) == []
    assert places(golden, golden | {"detail": " "}) == ["/detail"]
    assert places(golden, golden | {"wording": {"text": "How?"}}) == ["/wording"]
    assert places(golden, golden | {"code": "Invalid"}) == ["/code"]
