"""Export the trail of one case so that anyone can check it without the service.

The order is an entry of its own, written and sealed first: it tells what the export holds and
shows, so that nobody can hide any of it afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.flows.find_case import OpenCase, open_case
from app.flows.happened import happened
from app.flows.not_found import NotFound, tell_not_found
from app.flows.open_details import open_detail
from app.keys import Rings
from app.records.audit_log import StoredLog
from app.records.audit_view import entry_at
from app.records.case import case_of_organisation
from app.records.store import Store
from app.records.timestamp import timestamps_upto
from audit.canonical import Json
from audit.contents import make_contents
from audit.entry import OpenedDetail
from audit.errors import ExportError
from audit.export import Beside, Exported, Unopened, write_export
from audit.key_list import LogKeys
from audit.log import DetailRow
from audit.manifest import Scope
from audit.report import Order
from audit.shown import SHOWN_PATH, would_show
from policies import Law
from policies.roles import can


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What to export, for whom and why."""

    case_id: str
    folder: Path
    """A folder that does not exist yet."""
    recipient: str
    purpose: str


def export_trail(
    order: ExportOrder,
    actor: Actor,
    *,
    seal: Callable[[], None],
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    log_keys: LogKeys,
) -> Exported | NotFound:
    """Write the export into `order.folder`. `seal` has the log signed up to now, or raises.

    Raises ExportError when the folder cannot be written; the order's entry stands all the same.
    """
    with TemporaryDirectory() as beside:
        told = _tell(order, Path(beside), actor, at=at, store=store, rings=rings, law=law)
        if isinstance(told, NotFound):
            return told
        seal()
        with store.look(at=at) as tx:
            vouching = entry_at(tx, told.entry_id)
            if vouching is None:
                raise ExportError("the entry that tells of this export is not in the log")
            return write_export(
                StoredLog(tx),
                order.folder,
                opener=lambda row: _open(row, told.opened),
                keys=log_keys,
                kind="case",
                of=order.case_id,
                stop=told.scope.stop,
                beside=Beside(contents=told.contents, files=told.files, entry=vouching.n),
                stamps=timestamps_upto(tx, StoredLog(tx).head().n),
            )


@dataclass(frozen=True)
class _Told:
    """What the log has been told that the export holds, and by which entry."""

    opened: OpenCase
    scope: Scope
    contents: bytes
    files: dict[str, Path]
    entry_id: str


def _tell(
    order: ExportOrder,
    beside: Path,
    actor: Actor,
    *,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
) -> _Told | NotFound:
    """The case, once the log says what of its trail goes out, by whom, for whom and why."""
    may = any(can(law, role, "export_audit") for role in actor.roles)
    with store.begin(at=at) as tx:
        found = (
            case_of_organisation(tx, order.case_id, organisation_id=actor.organisation_id)
            if may
            else None
        )
        if found is None:
            about: dict[str, Json] = {"asked_case": order.case_id}
            op = "trail.export_not_found"
            return tell_not_found(tx, op, actor, at=at, rings=rings, about=about)
        opened = open_case(found, rings)
        scope = Scope(kind="case", of=order.case_id, stop=StoredLog(tx).head().n)
        files = {SHOWN_PATH: beside / Path(SHOWN_PATH).name}
        with files[SHOWN_PATH].open("xb") as shown:
            shown.writelines(would_show(StoredLog(tx), lambda row: _open(row, opened), scope))
        hashes = {SHOWN_PATH: hashlib.sha256(files[SHOWN_PATH].read_bytes()).hexdigest()}
        ordered = Order(export=new_id(at), recipient=order.recipient, purpose=order.purpose)
        contents = make_contents(hashes, scope, ordered)
        detail: dict[str, Json] = {
            "contents": hashlib.sha256(contents).hexdigest(),
            "recipient": order.recipient,
            "purpose": order.purpose,
        }
        event = happened("trail.exported", "allow", actor, at=at, case=order.case_id, detail=detail)
        tx.record(event, sealer=opened.sealer)
        return _Told(opened, scope, contents, files, event.id)


def _open(row: DetailRow, opened: OpenCase) -> OpenedDetail | Unopened:
    """The exporter sees what belongs to the case, and nothing of another's."""
    return open_detail(row, opened.ring, {opened.key.key_id: opened.key})
