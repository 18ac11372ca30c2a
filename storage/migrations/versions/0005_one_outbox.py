"""Talk's parts and notices are letters of one outbox; campaigns know whose they are and when they begin."""

from storage.migrations.statements import statements

revision, down_revision = "0005", "0004"
upgrade, downgrade = statements(__file__)
