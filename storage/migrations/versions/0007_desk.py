"""What was said of files by their form, links to one unit, and marks of people who left."""

from storage.migrations.statements import statements

revision, down_revision = "0007", "0006"
upgrade, downgrade = statements(__file__)
