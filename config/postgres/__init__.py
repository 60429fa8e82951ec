"""Django's PostgreSQL backend, but for how it asks whether a kept connection still lives: see `base`."""
