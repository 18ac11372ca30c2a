"""The policy, pure: standard library only, no clock, no network; the day is always an argument."""

from rules.assess import Alike, Assessment, assess, refused_field
from rules.facts import ASK_ORDER, Refused
from rules.loading import load
from rules.policy import Packs, Place, PolicyError, PolicyPack
from rules.words import refused

__all__ = [
    "ASK_ORDER",
    "Alike",
    "Assessment",
    "Packs",
    "Place",
    "PolicyError",
    "PolicyPack",
    "Refused",
    "assess",
    "load",
    "refused",
    "refused_field",
]
