"""Rosters and their people in the database: files sealed, one run that stands, people known from month to month."""

from storage.migrations.statements import statements

revision, down_revision = "0006", "0005"
upgrade, downgrade = statements(__file__)
