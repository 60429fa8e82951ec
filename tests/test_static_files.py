"""A test client is served the same static files as by WhiteNoise's own walk."""

from contextlib import closing

import pytest
from django.http import HttpResponse
from django.test import Client

from config.pages import PageFiles
from tests.static_files import own_walk

SHEET = "/static/workspace/skin.css"


def test_the_list_that_is_made_once_is_the_one_that_a_walk_makes() -> None:
    walked = PageFiles(HttpResponse)
    kept = walked.files
    walked.files = {}
    own_walk(walked)

    assert walked.files.keys() == kept.keys()
    assert SHEET in kept


@pytest.mark.django_db
def test_each_client_is_served_its_files() -> None:
    for _ in range(2):
        with closing(Client().get(SHEET)) as response:
            assert response.headers["Content-Type"].startswith("text/css")
