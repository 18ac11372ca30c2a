"""Campaigns of notices: everybody who is short is told, nobody twice, nobody missed in silence."""
