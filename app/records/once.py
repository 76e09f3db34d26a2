"""Forms that were sent already: the same form sent twice acts once and gets the same answer.

The form is claimed in the transaction of the act, so it counts as acted upon exactly if the act
stands.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.records.schema import ID, UtcTime, metadata, unlogged
from app.records.transaction import Transaction

LONGEST_TOKEN = 64

sent_form = Table(
    "sent_form",
    metadata,
    Column("staff_id", ID, ForeignKey("staff.id"), primary_key=True),
    Column("act", String(60), primary_key=True),
    Column("token", String(LONGEST_TOKEN), primary_key=True),
    Column("outcome", String(200)),
    Column("at", UtcTime, nullable=False, index=True),
)
unlogged("sent_form", because="it repeats no act; the act it stands for has an entry")


def already_done(tx: Transaction, token: str, staff_id: str, act: str) -> str | None:
    """What `remember_done` was given for this form, None if it has not been acted upon.

    Claims the form: a second sending at the same moment waits here until the first has ended
    (`StoreBusy` if it takes too long). An empty token is no token: every sending acts.
    """
    if not token:
        return None
    new = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    tx.execute(
        new(sent_form)
        .values(staff_id=staff_id, act=act, token=token, at=tx.at)
        .on_conflict_do_nothing(index_elements=["staff_id", "act", "token"])
    )
    outcome = tx.execute(
        select(sent_form.c.outcome).where(
            sent_form.c.staff_id == staff_id,
            sent_form.c.act == act,
            sent_form.c.token == token,
        )
    ).scalar_one()
    return None if outcome is None else str(outcome)


def remember_done(
    tx: Transaction, token: str, staff_id: str, act: str, outcome: str, *, at: datetime
) -> None:
    """Keep the answer for a repeated sending: an id or a word of the program, never typed text."""
    if not token:
        return
    tx.execute(
        update(sent_form)
        .where(
            sent_form.c.staff_id == staff_id,
            sent_form.c.act == act,
            sent_form.c.token == token,
        )
        .values(outcome=outcome, at=at)
    )


def forget_forms(tx: Transaction, *, before: datetime) -> None:
    """Drop the tokens of forms too old to be sent again."""
    tx.execute(delete(sent_form).where(sent_form.c.at < before))
