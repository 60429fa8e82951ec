"""The tutorial's settings, with Django's own cache for the limit."""

import os

from bench.naive.settings import *  # noqa: F403
from bench.naive.settings import REST_FRAMEWORK

ROOT_URLCONF = "bench.naive.same_work"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["REDIS_URL"].replace("redis+socket://", "unix://"),
    }
}
# As for ours: kept at each request, and never reached.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"user": "1000000/min"}
