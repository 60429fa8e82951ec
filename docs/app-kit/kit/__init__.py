"""The app kit: plays synthetic patients on an app under test, and asks the record what came of it.

`options` and `command` the run as a whole; `sandbox` the service itself; `jsonlines` a process that speaks
JSON lines, behind which are `driver`, the app under test, and `control`, the sandbox's staff and its record;
`clock` the one true time of a scenario; `faults` and `proxy` the bad network; `scenario` a synthetic patient
as written down; `stage` and `play` one played; `compare` and `wire` what was found; `golden` and
`placeholders` requests with their replies; `results`, `hints` and `report` all of it on paper. Standard
library only.
"""

VERSION = "1.0.0"
#: Of the JSON lines between kit and driver.
PROTOCOL = 1
