"""The whole tour, in order, and what its exit code means."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.demonstration.signed_in import WorldFault
from app.demonstration.terminal import say
from app.keys import KeyFault
from app.main import CannotStart
from app.records.errors import StoreFault
from app.tour.casework import work_on_case
from app.tour.consenting import consent_and_withdraw
from app.tour.gate import disclose_again, disclose_and_stop, meet_the_gate
from app.tour.proof import EXPORT, PUBLIC_KEY, export, review, verify_alone
from app.tour.receiving import receive, see_the_other_side
from app.tour.stage import set_up
from app.tour.telling import Telling, TourWrong
from audit.errors import AuditFault

_FAULTS = (WorldFault, KeyFault, StoreFault, AuditFault, OSError)


def take_tour(keep: Path | None, *, pack: Path | None = None) -> int:
    """Walk through the main flow. Returns 0 if every step did what it should, else 1.

    With `keep`, the export and the public key stay there; all else is removed. `pack` stands in
    for the packaged rules. Raises CannotStart when `keep` cannot be used.
    """
    if keep is not None and any((keep / name).exists() for name in (EXPORT, PUBLIC_KEY)):
        raise CannotStart(f"{keep} holds an export already; name another folder with --keep")
    if keep is not None:
        _try_writing(keep)
    say("Sluss: the main flow on a throw-away database. Nobody in it exists.")
    telling = Telling()
    try:
        with tempfile.TemporaryDirectory(prefix="sluss-tour-") as name:
            _walk(Path(name), keep, pack, telling)
    except (TourWrong, *_FAULTS) as wrong:
        say("")
        say(f"WRONG in {telling.where()}: {wrong}")
        return 1
    say("")
    say("Every step did what it should.")
    return 0


def _try_writing(keep: Path) -> None:
    """Whether the export can be kept there is found out now, not when all else is done."""
    try:
        keep.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=keep):
            pass
    except OSError as fault:
        raise CannotStart(
            f"{keep} cannot be written to ({fault.strerror}); name another folder with --keep"
        ) from fault


def _walk(folder: Path, keep: Path | None, pack: Path | None, telling: Telling) -> None:
    installation = folder / "installation"
    installation.mkdir()
    with set_up(installation, pack, telling) as stage:
        written = work_on_case(stage)
        meet_the_gate(stage, written)
        disclose_and_stop(stage, written)
        delivery_id = disclose_again(stage, written)
        receive(stage, delivery_id)
        see_the_other_side(stage, written, delivery_id)
        consent_and_withdraw(stage, written)
        review(stage, written)
        exported, key = export(stage, written, folder, keep)
        verify_alone(stage, exported, key, folder)
