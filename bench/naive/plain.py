"""The anchor: one JSON document in, one INSERT, one answer. No token, no check, no trail, no job."""

import json

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

COLUMNS = (
    "id",
    "trial_id",
    "region",
    "kind",
    "value",
    "captured_at",
    "zone",
    "instrument_version",
    "app_version",
)
INSERT = f"INSERT INTO naive_plainscore ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608


@csrf_exempt
def take(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    body["trial_id"] = body.pop("trial")
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [body[column] for column in COLUMNS])
    return JsonResponse({"id": body["id"]}, status=201)


urlpatterns = [path("api/v1/scores", take)]
