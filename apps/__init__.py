"""The facts of a trial: who, when, how much. One Django app a noun; definitions live in ``sctrial``."""
