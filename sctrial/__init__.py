"""What the outcome of a stimulation trial is: definitions, exact arithmetic, rules. This is the
core of the project, not its Django settings package (that is ``config``).

scales     pain scales, strict reading of a score       seal       canonical JSON and its SHA-256
phases     states of a trial, diary phases, end reasons strict     tables read key by key, nothing guessed
windows    which days count, a day's value, their sum   criteria   rule sets and their tree; rulesets/*.toml
reduction  percent reduction, thresholds, how to print  kleene     logic with a third answer
evidence   what a verdict may look at, and its digest   reasons    sentences a clinician can read
verdict    judge(): met, not met, not evaluable         tidy, readout, cli   python -m sctrial
"""

__version__ = "0.1.0"

#: Stored with every verdict. Raised whenever the same evidence and rule set could be answered differently.
ENGINE_VERSION = "1"
