"""An event for the log, told the same way by every flow.

The three parts become separate commitments, so that erasing a child never erases who looked.
`detail` may hold reasons and references; it never holds the text of a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from app.domain.actor import Actor
from app.domain.ids import new_id
from audit.canonical import Json
from audit.entry import Event


def happened(
    op: str,
    res: Literal["allow", "deny", "error", "override"],
    actor: Actor,
    *,
    at: datetime,
    case: str | None = None,
    about: Mapping[str, Json] | None = None,
    detail: Mapping[str, Json] | None = None,
    rules: tuple[str, ...] = (),
    pack: str | None = None,
    ct: str | None = None,
    wr: str | None = None,
) -> Event:
    """One event by a signed-in member of staff.

    `case` gives it a place in the case's gapless count and is told with it. `about` names what was
    acted on, by id. `rules` and `pack` tell which law decided; `ct` and `wr` bind the ciphertext.
    """
    return Event(
        id=new_id(at),
        op=op,
        res=res,
        org=actor.organisation_id,
        actor={
            "staff": actor.staff_id,
            "roles": " ".join(sorted(actor.roles)),
            "session": actor.session_id,
        },
        object=dict(about or {}),
        detail=dict(detail or {}),
        case=case,
        rule=",".join(rules) or None,
        pol=pack,
        ct=ct,
        wr=wr,
    )
