"""The tour's end: the trail is signed, reviewed, exported, verified alone, and tampered with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import audit
from app.domain.legal_day import SWEDEN
from app.flows.export_trail import ExportOrder, export_trail
from app.flows.not_found import NotFound
from app.flows.review_trail import Trail, review_trail
from app.signer_files import public_key_file
from app.tour.casework import Written
from app.tour.stage import Stage
from app.tour.telling import TourWrong
from audit.check import Checked
from audit.export import Exported
from audit.manifest import ENTRIES

EXPORT, PUBLIC_KEY = "export", "log.pub"
_VERIFYING_SECONDS = 60.0
_EXPECTED = {
    "case.started",
    "case.viewed",
    "note.written",
    "note.corrected",
    "note.read",
    "disclosure.considered",
    "note.disclosure_refused",
    "note.disclosed",
    "delivery.stopped",
    "delivery.stop_too_late",
    "consent.recorded",
    "consent.withdrawn",
}


def review(stage: Stage, written: Written) -> None:
    """The supervisor sees what happened, every row verified."""
    telling = stage.telling
    telling.step("The supervisor reviews the trail of the case, signed by the signer's own process")
    stage.sign_log()
    birgitta = stage.as_("birgitta")
    trail = review_trail(written.case_id, birgitta, log_keys=stage.house.log_keys, **stage.hands)
    seen = telling.got(trail, Trail)
    for row in reversed(seen.rows):
        who = seen.staff.get(row.entry.staff_id or "")
        mark = "✓" if isinstance(row.check, Checked) else " "
        at = row.entry.at.astimezone(SWEDEN)
        telling.row(f"{mark} {at:%H:%M:%S}  {who.name if who else '-':16}  {row.entry.op}")
    ops = {row.entry.op for row in seen.rows}
    telling.check(ops >= _EXPECTED, "reading, disclosure, refusal, stop and withdrawal are there")
    verified = sum(isinstance(row.check, Checked) for row in seen.rows)
    telling.check(verified == len(seen.rows), f"all {verified} rows are verified")
    jonas = stage.as_("jonas")
    denied = review_trail(written.case_id, jonas, log_keys=stage.house.log_keys, **stage.hands)
    telling.check(isinstance(denied, NotFound), "a case worker beside Karin cannot see the trail")


def export(stage: Stage, written: Written, folder: Path, keep: Path | None) -> tuple[Path, Path]:
    """The trail as an export, and the log's public key. Returns both paths."""
    telling = stage.telling
    telling.step("The supervisor exports the trail of the case")
    birgitta = stage.as_("birgitta")
    order = ExportOrder(
        case_id=written.case_id,
        folder=folder / EXPORT,
        recipient="Kommunrevisionen",
        purpose="Loggkontroll av ett ärende",
    )
    outcome = export_trail(
        order, birgitta, seal=stage.sign_log, log_keys=stage.house.log_keys, **stage.hands
    )
    exported = telling.got(outcome, Exported)
    key = folder / PUBLIC_KEY
    shutil.copyfile(public_key_file(stage.house.config), key)
    telling.did(f"{exported.entries} entries, manifest {exported.manifest_sha256[:16]}…")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder / EXPORT, keep / EXPORT)
        shutil.copyfile(key, keep / PUBLIC_KEY)
        telling.did(f"Kept: {keep / EXPORT} and {keep / PUBLIC_KEY}")
    return folder / EXPORT, key


def verify_alone(stage: Stage, export: Path, key: Path, folder: Path) -> None:
    """The folder `audit` copied out verifies the export, and catches a flipped bit."""
    telling = stage.telling
    telling.step("Somebody with nothing but the folder audit/ and the public key verifies it")
    alone = _copy_out(folder / "alone")
    telling.check(
        _run(alone, "-c", "import app").returncode != 0, "Sluss itself cannot be imported there"
    )
    telling.did("python -m audit verify EXPORT --key PUBKEY")
    said = _run(alone, "-m", "audit", "verify", str(export), "--key", str(key))
    telling.quoted(said.stdout + said.stderr)
    telling.check(said.returncode == 0, "verified, exit code 0")

    telling.step("One bit of a copy is flipped")
    tampered = folder / "tampered"
    shutil.copytree(export, tampered)
    place = flip_bit(tampered / ENTRIES)
    telling.did(f"In {ENTRIES}: the lowest bit of byte {place}, so that a digit becomes another")
    said = _run(alone, "-m", "audit", "verify", str(tampered), "--key", str(key))
    telling.quoted(said.stdout + said.stderr)
    telling.check(said.returncode == 1, "caught, exit code 1")


def flip_bit(file: Path) -> int:
    """Flip the lowest bit of the first digit after the middle, so that it reads as another digit.

    Returns its place in bytes, from 0.
    """
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    place = next(at for at in range(middle, len(content)) if chr(content[at]).isdigit())
    content[place] ^= 1
    file.write_bytes(content)
    return place


def _copy_out(alone: Path) -> Path:
    """A folder in which `audit` and the one library that it needs are all that can be imported."""
    source = Path(audit.__file__).parent
    shutil.copytree(source, alone / "audit", ignore=shutil.ignore_patterns("__pycache__"))
    # Found and not imported, because cryptography belongs to keys and audit alone.
    found = find_spec("cryptography")
    if found is None or found.origin is None:
        raise TourWrong("the library cryptography is not installed")
    libraries = Path(found.origin).parents[1]
    for library in (libraries / "cryptography", *libraries.glob("*cffi*")):
        (alone / library.name).symlink_to(library)
    return alone


def _run(alone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -S leaves out the environment's packages, so that only the folder's own are found.
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-S", "-B", *arguments],
        cwd=alone,
        env={"PYTHONPATH": str(alone), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=_VERIFYING_SECONDS,
        check=False,
    )
