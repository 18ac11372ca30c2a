"""What the HR pages keep."""

from storage.migrations.statements import statements

revision, down_revision = "0002", "0001"
upgrade, downgrade = statements(__file__)
