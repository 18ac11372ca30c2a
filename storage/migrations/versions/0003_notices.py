"""Campaigns, their notices, bound accounts, and who wants none."""

from storage.migrations.statements import statements

revision, down_revision = "0003", "0002"
upgrade, downgrade = statements(__file__)
