"""From characters to spans: one way of writing, then words, numbers, years and dates, and what their neighbours make of them."""
