"""Cohort queries, reports and exports for analysts. The statistics live in ``sctrial``. Still empty."""
