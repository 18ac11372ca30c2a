"""What people say of answers."""

from storage.migrations.statements import statements

revision, down_revision = "0008", "0007"
upgrade, downgrade = statements(__file__)
