"""Write a released export, one bounded step at a time, so that it can be broken off and resumed.

Three stages. The entries are opened, a stretch a step, and kept sealed. Then tables and report are
made, and an entry tells the hash of them all. When a checkpoint covers that entry, the log's own
part is written, everything is zipped, encrypted to the recipient if they gave a key, and kept
sealed until it is fetched. Source: docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.domain.export_terms import ExportJob
from app.domain.ids import new_id
from app.flows.export_compose import Composed, compose
from app.flows.export_folder import keep_file, kept_pieces, unzip, work_folder, zip_folder
from app.flows.export_gather import Gatherer, Tell, packed
from app.flows.export_opener import ExportOpener
from app.flows.export_orders import open_job, stretch_of
from app.flows.find_case import OpenCase, open_case
from app.flows.order_held import hold_order
from app.flows.rows_held import RowsDiffer
from app.flows.witness_log import witnessed_size
from app.keys import EventSealer, Rings, encrypt_to_age, event_sealer
from app.records.audit_log import StoredLog, first_checkpoint_over, latest_checkpoint
from app.records.audit_view import entry_at
from app.records.case import case_of_organisation
from app.records.export_job import (
    StoredJob,
    begin_again,
    drop_parts,
    insert_part,
    job_of,
    mark_ready,
    mark_written,
    progress_of,
)
from app.records.export_rows import count_entries, next_entries
from app.records.store import Store
from app.records.timestamp import timestamps_upto
from app.records.transaction import Transaction
from app.reports.pdf import make_pdf
from audit.canonical import Json
from audit.entry import Event, Result
from audit.errors import ShownChanged
from audit.export import Beside, write_export
from audit.key_list import LogKeys
from audit.witnessing import NOBODY, Witnesses
from policies import Law

WITNESS_SECONDS = 30
"""How long a finished export waits for the witnesses to sign the checkpoint that covers it."""
STRETCH = 400
"""Entries a step: some hundred kilobytes of rows, and a second or two on a slow machine."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """What a step is handed. `actor` is who runs it, as the log tells it."""

    actor: Mapping[str, Json]
    store: Store
    rings: Rings
    law: Law
    log_keys: LogKeys
    tell: Tell
    state: Path
    """The service's own folder, where files lie while an export is put together."""
    witnesses: Witnesses = NOBODY
    print_pdf: Callable[[str], bytes] = make_pdf


@dataclass(frozen=True)
class Gathering:
    """More entries remain."""

    done: int
    total: int


@dataclass(frozen=True)
class WaitingForSeal:
    """Tables and report are vouched for by an entry that no checkpoint covers yet."""


@dataclass(frozen=True)
class ExportReady:
    """It can be fetched."""

    size: int


@dataclass(frozen=True)
class NothingToDo:
    """No such export, or one that is not released, or is ready already."""


Step = Gathering | WaitingForSeal | ExportReady | NothingToDo


def work_export(organisation_id: str, job_id: str, worker: Worker, *, at: datetime) -> Step:
    """Take the next step of one export. Two workers at once do each step once.

    Raises ReportFault where the report cannot be made, ExportError where the log cannot be written
    out, and RowsDiffer, told by an entry, where the tables would tell what the log does not say;
    the export stays where it was and can be tried again.
    """
    with worker.store.look(at=at) as tx:
        stored = job_of(tx, job_id, organisation_id=organisation_id)
    if stored is None or stored.state not in ("released", "written"):
        return NothingToDo()
    job = open_job(worker.rings, stored)
    try:
        with worker.store.look(at=at) as tx:
            hold_order(tx, job, stored.decision_audit_id, worker.rings)
        if stored.state == "written":
            return _finish(stored, job, worker, at=at)
        return _gather(job, worker, at=at) or _write_beside(job, worker, at=at)
    except RowsDiffer as fault:
        _tell_rows_differ(fault.n, job, worker, at=at)
        raise


def _gather(job: ExportJob, worker: Worker, *, at: datetime) -> Gathering | None:
    """The next stretch of entries; None when all have been taken."""
    with worker.store.begin(at=at) as tx:
        if _moved_on(tx, job, "released"):
            return None
        ring = worker.rings.current(job.organisation_id)
        part, upto, done = progress_of(tx, job.id)
        whole = stretch_of(job)
        total = count_entries(tx, whole)
        rest = replace(whole, start=max(job.start, upto))
        seen = next_entries(tx, rest, most=STRETCH)
        if not seen:
            return None
        opener = ExportOpener.of_job(tx, worker.rings, ring, job)
        rows = Gatherer(tx, job, opener, worker.law).entries(seen, worker.tell)
        sealed = ring.seal_text("export_rows", f"{job.id}:{part}", packed(rows))
        insert_part(tx, job.id, "rows", part, sealed, upto=seen[-1].n + 1, entries=len(rows))
        return Gathering(done + len(rows), total)


def _write_beside(job: ExportJob, worker: Worker, *, at: datetime) -> Step:
    """Tables and report, kept sealed, and the entry that vouches for them."""
    with work_folder(worker.state) as folder:
        with worker.store.look(at=at) as tx:
            made = compose(
                folder / "beside",
                job,
                tx,
                worker.rings,
                worker.law,
                print_pdf=worker.print_pdf,
                at=at,
            )
        zip_folder(folder / "beside", folder / "beside.zip")
        with worker.store.begin(at=at) as tx:
            if _moved_on(tx, job, "released"):
                return NothingToDo()
            event = _written(job, made, worker, at=at)
            drop_parts(tx, job.id, "beside")
            ring = worker.rings.current(job.organisation_id)
            keep_file(tx, ring, job.id, "beside", folder / "beside.zip")
            mark_written(tx, job.id, entry_id=event.id)
            tx.record(event, sealer=_sealer(job, _case(tx, job, worker.rings), worker.rings))
    return WaitingForSeal()


def _finish(stored: StoredJob, job: ExportJob, worker: Worker, *, at: datetime) -> Step:
    """The log's own part, the zip, its encryption, and its keeping."""
    changed = False
    with work_folder(worker.state) as folder:
        with worker.store.look(at=at) as tx:
            vouching = entry_at(tx, stored.written_audit_id or "")
            checkpoint = latest_checkpoint(tx)
            if vouching is None or checkpoint is None or checkpoint.n <= vouching.n:
                return WaitingForSeal()
            if _witnesses_may_come(tx, vouching.n, worker, at=at):
                return WaitingForSeal()
            try:
                _write_log(folder, job, tx, worker, vouching=vouching.n)
            except ShownChanged:
                changed = True
        if changed:
            return _begin_again(job, worker, at=at)
        zip_folder(folder / "export", folder / "export.zip")
        finished = folder / "export.zip"
        if job.terms.age_key:
            finished = folder / "export.zip.age"
            encrypt_to_age(job.terms.age_key, folder / "export.zip", finished)
        size, digest = finished.stat().st_size, _sha256(finished)
        with worker.store.begin(at=at) as tx:
            if _moved_on(tx, job, "written"):
                return NothingToDo()
            detail: dict[str, Json] = {"size": size, "sha256": digest}
            event = _event("export.finished", job, worker, case=None, detail=detail, at=at)
            drop_parts(tx, job.id, "file")
            keep_file(tx, worker.rings.current(job.organisation_id), job.id, "file", finished)
            mark_ready(tx, job.id, size=size, sha256=digest, at=at, entry_id=event.id)
            tx.record(event, sealer=_sealer(job, None, worker.rings))
    return ExportReady(size)


def _tell_rows_differ(n: int | None, job: ExportJob, worker: Worker, *, at: datetime) -> None:
    """Each attempt is told, with the entry that the database contradicts."""
    op, case = "export.rows_differ", job.case_id
    with worker.store.begin(at=at) as tx:
        detail: dict[str, Json] = {} if n is None else {"entry": n}
        event = _event(op, job, worker, case=case, detail=detail, at=at, res="error")
        tx.record(event, sealer=_sealer(job, _case(tx, job, worker.rings), worker.rings))


def _begin_again(job: ExportJob, worker: Worker, *, at: datetime) -> Step:
    """What was gathered holds more than may be shown now: a case was erased meanwhile, or a key
    has gone. It goes, and all is gathered, and vouched for, anew."""
    with worker.store.begin(at=at) as tx:
        if _moved_on(tx, job, "written"):
            return NothingToDo()
        event = _event("export.begun_again", job, worker, case=None, detail={}, at=at)
        begin_again(tx, job.id, entry_id=event.id)
        tx.record(event, sealer=_sealer(job, None, worker.rings))
        return Gathering(0, count_entries(tx, stretch_of(job)))


def _witnesses_may_come(tx: Transaction, n: int, worker: Worker, *, at: datetime) -> bool:
    """Whether a quorum for entry `n` is worth waiting for. A witness that is away stops nobody."""
    sealed = first_checkpoint_over(tx, n)
    if not worker.witnesses.quorum or sealed is None:
        return False
    waited = (at - datetime.fromisoformat(sealed.at)).total_seconds()
    return waited < WITNESS_SECONDS and witnessed_size(tx, worker.log_keys, worker.witnesses) <= n


def _write_log(
    folder: Path, job: ExportJob, tx: Transaction, worker: Worker, *, vouching: int
) -> None:
    ring = worker.rings.current(job.organisation_id)
    with (folder / "beside.zip").open("xb") as file:
        for piece in kept_pieces(tx, ring, job.id, "beside"):
            file.write(piece)
    unzip(folder / "beside.zip", folder / "beside")
    made = Composed.read(folder / "beside")
    # Where witnesses have signed for the entry that vouches, the export ends there, so that all of
    # it is witnessed; the seconds after are not its matter.
    witnessed = witnessed_size(tx, worker.log_keys, worker.witnesses)
    log = StoredLog(tx, sealed_to=witnessed if witnessed > vouching else None)
    write_export(
        log,
        folder / "export",
        opener=ExportOpener.of_job(tx, worker.rings, ring, job, vouching=vouching),
        keys=worker.log_keys,
        kind="case" if job.case_id else "organisation",
        of=job.case_id or job.organisation_id,
        start=job.start,
        stop=job.stop,
        stamps=timestamps_upto(tx, log.head().n),
        beside=Beside(contents=made.contents, files=made.files, entry=vouching),
    )


def _moved_on(tx: Transaction, job: ExportJob, state: str) -> bool:
    """Whether another worker has done the step. Holds the job until the end otherwise."""
    now = job_of(tx, job.id, organisation_id=job.organisation_id, lock=True)
    return now is None or now.state != state


def _case(tx: Transaction, job: ExportJob, rings: Rings) -> OpenCase | None:
    if job.case_id is None:
        return None
    found = case_of_organisation(tx, job.case_id, organisation_id=job.organisation_id)
    return open_case(found, rings) if found else None


def _sealer(job: ExportJob, case: OpenCase | None, rings: Rings) -> EventSealer:
    return case.sealer if case else event_sealer(rings.current(job.organisation_id), None)


def _written(job: ExportJob, made: Composed, worker: Worker, *, at: datetime) -> Event:
    detail: dict[str, Json] = {
        "contents": hashlib.sha256(made.contents).hexdigest(),
        "recipient": job.terms.recipient,
        "purpose": job.terms.purpose,
    }
    # The name by which `audit.contents` finds the entry that vouches.
    return _event("export.written", job, worker, case=job.case_id, detail=detail, at=at)


def _event(
    op: str,
    job: ExportJob,
    worker: Worker,
    *,
    case: str | None,
    detail: Mapping[str, Json],
    at: datetime,
    res: Result = "allow",
) -> Event:
    return Event(
        id=new_id(at),
        op=op,
        res=res,
        org=job.organisation_id,
        actor=worker.actor,
        object={"export": job.id},
        detail=detail,
        case=case,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
