"""Run by Alembic, over the connection that `upgrade.py` hands in. Never by a URL of its own."""

from __future__ import annotations

from alembic import context

# The transaction is the one that the connection is in, so that a step is made whole or not at all.
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
