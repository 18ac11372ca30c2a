"""The policy, pure: standard library only, no clock, no network; the day is always an argument."""
