"""What a tutorial teaches: a ModelViewSet over a ModelSerializer with every field."""

from typing import ClassVar

from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from bench.naive.models import Score


class ScoreSerializer(serializers.ModelSerializer[Score]):
    class Meta:
        model = Score
        fields: ClassVar[str] = "__all__"


class ScoreViewSet(viewsets.ModelViewSet[Score]):
    queryset = Score.objects.all()
    serializer_class = ScoreSerializer


router = routers.DefaultRouter()
router.register("scores", ScoreViewSet)
urlpatterns = [path("api/v1/", include(router.urls))]
