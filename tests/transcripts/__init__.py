"""Whole conversations as text, read as specification and run as tests on every channel."""
