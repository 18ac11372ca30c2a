"""Persistence: knows no rules; facts and assessments are JSON to it."""
