"""The anchor's view behind all that stands before ours: what the middleware costs."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.naive.plain"
