"""Exports in each state, for the pages in the browser."""

from __future__ import annotations

from pathlib import Path

from app.domain.export_terms import ExportTerms
from app.domain.ids import INSTALLATION
from app.flows.export_orders import ExportOrdered, decide_export, order_export
from app.flows.install import Operator
from app.flows.renew_exports import begin_exports_again
from app.flows.work_export import ExportReady, Worker, work_export
from app.web.told_sentences import told_sentence
from audit.key_list import LogKeys
from tests.browser.crossing import signer
from tests.web.town import Town

TERMS = ExportTerms(
    kind="organisation",
    case_id=None,
    day_from=None,
    day_until=None,
    recipient="Kommunrevisionen i Sunne",
    purpose="Årlig kontroll av hur uppgifter lämnas ut",
)


def export(
    town: Town, folder: Path, state: Path, places: dict[str, str]
) -> tuple[LogKeys, dict[str, str]]:
    """One that waits, one that is released, one that is ready, one that is written anew because
    something was erased. Returns the log's key and places."""
    key, sign = signer(town, folder)
    worker = Worker(
        actor={"operator": "tester"},
        store=town.store,
        rings=town.rings,
        law=town.law,
        tell=told_sentence,
        log_keys=key,
        state=state,
        print_pdf=lambda page: b"%PDF " + page.encode(),
    )
    made = {name: _ordered(town) for name in ("waiting", "released", "ready", "anew")}
    for name in ("released", "ready", "anew"):
        decide_export(made[name], "released", town.actors["ombud"], **town.hands)  # type: ignore[arg-type]
    soc, at = town.organisations["soc"].id, town.at
    work_export(soc, made["anew"], worker, at=at)
    operator = Operator(name="arkivarien", ring=town.rings.current(INSTALLATION))
    with town.store.begin(at=at) as tx:
        begin_exports_again(tx, [0, 1, 2], operator, town.rings)
    step: object = None
    while not isinstance(step, ExportReady):
        step = work_export(soc, made["ready"], worker, at=at)
        sign()
    return key, places | {f"export_{name}": job for name, job in made.items()}


def _ordered(town: Town) -> str:
    made = order_export(TERMS, town.actors["chef"], token="", **town.hands)  # type: ignore[arg-type]
    assert isinstance(made, ExportOrdered)
    return made.job_ids[0]
