"""Faults made on purpose, and what became of the work: a row for each."""
