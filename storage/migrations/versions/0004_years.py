"""What keeps a service of years quick and careful: indexes of what grows old, and what the database has seen of the clock."""

from storage.migrations.statements import statements

revision, down_revision = "0004", "0003"
upgrade, downgrade = statements(__file__)
