"""A campaign made from the report of another may leave people some days to open what they were told."""

from storage.migrations.statements import statements

revision, down_revision = "0010", "0009"
upgrade, downgrade = statements(__file__)
