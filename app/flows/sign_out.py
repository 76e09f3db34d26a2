"""Sign out: the session ends in the database, so that a copied cookie opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import INSTALLATION, new_id
from app.flows.recognise import NotSignedIn, live_session
from app.flows.sign_in import Sealers
from app.records.session import revoke_session
from app.records.store import Store
from audit.entry import Event


@dataclass(frozen=True)
class SignedOut:
    """The token opens nothing from now on."""


def sign_out(
    session_token: str, *, at: datetime, store: Store, sealers: Sealers
) -> SignedOut | NotSignedIn:
    """End the session behind the token. One entry, unless there was none to end."""
    with store.begin(at=at) as tx:
        found = live_session(tx, session_token, at=at)
        if found is None:
            return NotSignedIn()
        session = found[0]
        event = Event(
            id=new_id(at),
            op="session.signed_out",
            res="allow",
            org=session.organisation_id or INSTALLATION,
            actor={"staff": session.staff_id, "session": session.id},
            object={},
            detail={},
        )
        revoke_session(tx, session.id, at=at, entry_id=event.id)
        tx.record(event, sealer=sealers(event.org))
        return SignedOut()
