"""Cohort questions, tables, snapshots and exports for analysts. The statistics live in ``sctrial``."""
