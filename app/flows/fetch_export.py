"""Fetch a finished export. The fetching is in the log before the first byte leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.export_terms import ExportJob
from app.flows.export_folder import kept_pieces
from app.flows.export_orders import find_job, open_job, tell_export_not_found
from app.flows.happened import happened
from app.flows.not_found import NotFound
from app.keys import Rings, event_sealer
from app.records.store import Store
from audit.canonical import Json
from policies import Law


@dataclass(frozen=True)
class NotReady:
    """It is not written, or is being written anew because something in it was erased."""


@dataclass(frozen=True)
class Fetched:
    """The file, whole."""

    job: ExportJob
    data: bytes


def fetch_export(
    job_id: str, actor: Actor, *, at: datetime, store: Store, rings: Rings, law: Law
) -> Fetched | NotReady | NotFound:
    """The finished file, for those who may order, release or read exports."""
    with store.begin(at=at) as tx:
        stored = find_job(tx, job_id, actor, law)
        if stored is None:
            return tell_export_not_found(tx, job_id, actor, at=at, rings=rings)
        if stored.state != "ready":
            about: dict[str, Json] = {"export": stored.id}
            event = happened("export.fetch_refused", "deny", actor, at=at, about=about)
            tx.record(event, sealer=event_sealer(rings.current(stored.organisation_id), None))
            return NotReady()
        job = open_job(rings, stored)
        # The ring it was sealed under when it was finished may be newer than the order's.
        data = b"".join(kept_pieces(tx, rings.current(job.organisation_id), job.id, "file"))
        tx.record(
            happened(
                "export.fetched",
                "allow",
                actor,
                at=at,
                about={"export": job.id},
                detail={
                    "sha256": job.sha256,
                    "recipient": job.terms.recipient,
                    "purpose": job.terms.purpose,
                },
            ),
            sealer=event_sealer(rings.current(job.organisation_id), None),
        )
    return Fetched(job, data)
