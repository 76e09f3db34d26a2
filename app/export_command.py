"""`sluss export`: write the exports that have been released, and go on with those broken off."""

from __future__ import annotations

import time
from pathlib import Path

from app.demonstration.terminal import Progress, say
from app.flows.export_folder import remove_leftovers
from app.flows.work_export import (
    ExportReady,
    Gathering,
    Step,
    WaitingForSeal,
    Worker,
    work_export,
)
from app.main import House
from app.records.export_job import unfinished_jobs
from app.reports.pdf import ReportFault
from app.web.told_sentences import told_sentence
from audit.errors import ExportError

_BETWEEN_SECONDS = 0.5


def write_exports(house: House, *, operator: str, wait_seconds: float) -> int:
    """Write every released export, oldest first. Returns how many could not be finished."""
    state = Path(house.config.storage.state)
    remove_leftovers(state)
    worker = Worker(
        actor={"operator": operator},
        store=house.store,
        rings=house.rings,
        law=house.law,
        tell=told_sentence,
        log_keys=house.log_keys,
        witnesses=house.witnesses,
        state=state,
    )
    with house.store.look(at=house.clock()) as tx:
        waiting = unfinished_jobs(tx)
    if not waiting:
        say("No export is waiting to be written.")
    unfinished = 0
    for organisation_id, job_id in waiting:
        say(f"Export {job_id}")
        try:
            step = _write(organisation_id, job_id, house, worker, wait_seconds)
        except (ReportFault, ExportError) as fault:
            say(f"  not written: {fault}")
            unfinished += 1
            continue
        if isinstance(step, ExportReady):
            say(f"  ready, {step.size} bytes; it is fetched from the page Exporter")
        elif isinstance(step, WaitingForSeal):
            say("  waits for the log to be signed: run `sluss seal`, then `sluss export` again")
            unfinished += 1
    return unfinished


def _write(
    organisation_id: str, job_id: str, house: House, worker: Worker, wait_seconds: float
) -> Step:
    """Step by step until it is ready, or the signer has been waited for in vain."""
    progress = Progress("entries")
    until = time.monotonic() + wait_seconds
    while True:
        step = work_export(organisation_id, job_id, worker, at=house.clock())
        if isinstance(step, Gathering):
            progress(step.done, step.total)
            until = time.monotonic() + wait_seconds
        elif not isinstance(step, WaitingForSeal) or time.monotonic() > until:
            return step
        else:
            time.sleep(_BETWEEN_SECONDS)
