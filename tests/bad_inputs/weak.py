"""The service as a framework's own fields would make it: planted, to show that the cases find it out.

Default parsers and serializers, an answer for every body that validates, and one statement that puts free
JSON into a `jsonb`. It keeps the addresses of the real one; it is no part of the service.
"""

import json
from typing import Any

from django.db import connection, transaction
from django.urls import path
from rest_framework import serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class WeakEntry(serializers.Serializer[Any]):
    entry_id = serializers.UUIDField()
    region = serializers.CharField()
    kind = serializers.CharField()
    value = serializers.IntegerField(min_value=0, max_value=10)
    captured_at = serializers.DateTimeField()
    zone = serializers.CharField(max_length=64)
    diary_day = serializers.DateField(required=False)
    instrument_version = serializers.CharField()


class WeakAnswer(serializers.Serializer[Any]):
    entry_id = serializers.UUIDField()
    question = serializers.CharField()
    answer = serializers.JSONField()
    captured_at = serializers.DateTimeField()
    zone = serializers.CharField(max_length=64)


class WeakView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    serializer: type[serializers.Serializer[Any]] = WeakEntry

    def put(self, request: Request, entry_id: str) -> Response:
        return self.take(dict(request.data) | {"entry_id": entry_id})

    def take(self, sent: dict[str, Any]) -> Response:
        checked = self.serializer(data=sent)
        if not checked.is_valid():
            return Response(checked.errors, status=400)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::jsonb", [json.dumps(checked.validated_data, default=str)])
        return Response({"id": str(checked.validated_data["entry_id"]), **_shown(checked)}, status=201)


def _shown(checked: serializers.Serializer[Any]) -> dict[str, Any]:
    data = checked.validated_data
    day = data.get("diary_day") or data["captured_at"].date()
    return {"diary_day": day.isoformat(), "answer": data.get("answer")}


class WeakAnswerView(WeakView):
    serializer = WeakAnswer


class WeakBatch(WeakView):
    def post(self, request: Request) -> Response:
        sent: Any = request.data
        results = [self.take(item | {"entry_id": item.get("id")}).status_code for item in sent["entries"]]
        return Response({"results": [{"status": status} for status in results]}, status=207)


urlpatterns = [
    path("api/v1/diary/entries/batch", WeakBatch.as_view()),
    path("api/v1/diary/entries/<str:entry_id>", WeakView.as_view()),
    path("api/v1/diary/answers/<str:entry_id>", WeakAnswerView.as_view()),
]
