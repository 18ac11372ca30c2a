"""The policy, pure: standard library only, no clock, no network; the day is always an argument.

Six ideas: a *notice* is one document as data, a *library* all of them. A *relief* changes what is asked; an *option* is one way to be
done. *Training* is exact hours by year and category. The *verdict* holds training against the cheapest option.
"""

from rules.assess import Assessment, assess, refused_field
from rules.document import PolicyError
from rules.facts import ASK_ORDER, Refused
from rules.library import ELSEWHERE, Candidates, Library, load
from rules.notice import Contact, Notice
from rules.words import refused

__all__ = [
    "ASK_ORDER",
    "ELSEWHERE",
    "Assessment",
    "Candidates",
    "Contact",
    "Library",
    "Notice",
    "PolicyError",
    "Refused",
    "assess",
    "load",
    "refused",
    "refused_field",
]
