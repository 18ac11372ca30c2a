"""Questions that people ask, answered from a notice: what is asked, which entry answers it, and in which words."""

from bot.answering.answers import Answer, Answers

__all__ = ["Answer", "Answers"]
