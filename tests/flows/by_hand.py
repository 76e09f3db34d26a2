"""What somebody with the database's password can write, past every flow."""

from __future__ import annotations

import sqlalchemy

from tests.flows.town import Town


def by_hand(town: Town, *statements: str, **values: object) -> None:
    """Run each as it stands. One that changes nothing would show nothing, so it fails."""
    with town.store.engine.begin() as connection:
        for statement in statements:
            changed = connection.execute(sqlalchemy.text(statement), values)
            assert changed.rowcount > 0, statement
