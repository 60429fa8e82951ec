"""What the outcome of a stimulation trial is: definitions, exact arithmetic, rules. This is the
core of the project, not its Django settings package (that is ``config``).

What is measured   scales, phases, windows, instruments, opioids, eligibility, facts, tables/*.toml
What is asked      criteria, nodes, limits, rulesets/*.toml; bundles for what a licence keeps out of here
What is frozen     evidence, seal, decision; strict and tidy read it, key by key and row by row
What is answered   verdict (judge), evaluate, kleene, reasons, reduction, side_by_side: exact, no float
How sure           assurance, certainty, forecast, robustness, tipping, missing, reliefs, baseline
What else is told  programs, regions, integrity, intercurrent, explain, readout
Whole cohorts      columns, totals, diary, certainty_frame (numpy); cohort, intervals, pooling, disclosure
What leaves        dictionary, deidentify, disclosure
By hand            cli and commands: python -m sctrial judge | explain | replay | rules | simulate | columns
"""

__version__ = "0.1.0"

#: Stored with every verdict. Raised whenever the same evidence and rule set could be answered differently.
ENGINE_VERSION = "1"
