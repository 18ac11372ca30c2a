"""A result, computed once, and every word and picture of it."""
