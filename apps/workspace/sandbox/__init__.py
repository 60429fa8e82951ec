"""The sandbox of the app kit: the real service in a demo's database, with a clock that a scenario sets.

`clock` and `wsgi` how the server is told the time; `trials` synthetic patients and what staff do; `record`
what the database holds; `desk` both behind one JSON object a line, for `manage.py sandbox`.
"""
