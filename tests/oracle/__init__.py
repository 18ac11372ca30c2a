"""The second opinion: an independent, deliberately naive reading of the contract, random people, and what differs."""
