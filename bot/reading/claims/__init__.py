"""What is claimed of hours: which number or state is of which year and category, and what limits it."""
