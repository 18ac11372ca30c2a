"""The first tables."""

from storage.migrations.statements import statements

revision, down_revision = "0001", None
upgrade, downgrade = statements(__file__)
