"""What part a span plays (an age, the level applied for): evidence added up, with weights learned from sentences."""
