"""Chinese in: what a person wrote, read into facts and claims with the words they came from, deterministically and offline.

How a sentence is read. `normalise` makes one way of writing of it (full width, traditional characters, emoji, noughts typed as
letters). `lexing` cuts it into spans: the longest phrase of `data/*.toml`, or a number, a year, a date, a length of time; a word
that is none is looked up by its sound, and marked as heard, not said. `lexing.settling` then passes over the spans: clauses are
numbered, 22年到今年 becomes years, 2022、2023三年 a count of the years named, 除了2024年专业 one span that takes something out;
what is denied, asked, supposed, quoted, of somebody else or of another time is flagged, and no flagged span sets a fact.

`roles` decides what the spans are. For a number that may be an age and for a level that may be the one applied for, `features`
lists the evidence (what stands beside it, in its clause, in the message), `scorer` adds up what each piece weighs, and the sum is
one of three: sure (set), likely (asked, with the words), unlikely (left, and named in `unread`). The weights are whole numbers in
`data/weights.json`, made by `python -m tests.language.training.train` from composed messages and our own sentences. Facts that
open a relief need more: `roles.own` takes an employer or a place only where nothing in the breath makes it another's, a former or
a second one, and where no unknown word stands that could; what was only heard by its sound is asked.

`claims` reads hours: a stream of years, categories, numbers and states is brought into order, cut into blocks by its years, and
each block says what is claimed of them (so many hours, full, none, short by so many). No number of policy is known here: a notice
makes hours of the claims in `bot.asking.claims`, where what is said of fewer cells goes before what is said of more.
"""

from bot.reading.lexing.lexicon import lexicon
from bot.reading.reading import EVERY, Claim, Doubt, Reading
from bot.reading.understanding import read

__all__ = ["BY_RULE", "EVERY", "Claim", "Doubt", "Reading", "by_words", "read"]

BY_RULE = frozenset(("route", "grassroots", "postdoc", "transfer", "epidemic_years", "exam_years", "school_teacher"))
"""The circumstances that are read by rules of their own."""


def by_words() -> frozenset[str]:
    """The circumstances that are read by their words alone: those under `[fact]`."""
    return frozenset(senses["fact"] for senses in lexicon().words.values() if "fact" in senses)
