"""python -m audit: what can be done with the log without the service."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from audit.canonical import Json
from audit.cosignature import CosignerKey
from audit.errors import CannotRead, NoteError
from audit.key_list import KnownKey, open_signed, parse_known_key
from audit.outside import read_notes
from audit.receipt_command import receipt_answer, receipt_arguments
from audit.verify import verify_export
from audit.witness_command import witness_arguments
from audit.zipped import as_folder

VERIFIED, TAMPERED, CANNOT_READ = 0, 1, 2

_ABOUT = """\
Check an export of the log offline: signatures, tree, entries, order, counters, erasures.

The export is trusted in nothing. What is trusted is the public key, so get it from whoever keeps
the log, by another way than the export.
"""

_AFTER = """\
exit status:
  0  verified: everything in the export follows from what the key signed
  1  tampered, or not wholly sealed; each finding names its kind and the first entry concerned:
     edited, missing, reordered, truncated, forked, double-written, erased-without-entry,
     unsigned-tail
  2  cannot read: no export there, or no usable key; nothing is said about the log

example:
  python -m audit verify utdrag-2026-11 --key sluss.vkey --held checkpoint-from-last-year
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parsed = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name in an export may be in no alphabet
            stream.reconfigure(errors="backslashreplace")
    run: Callable[[argparse.Namespace], int] = parsed.run
    return run(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audit", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_verify(commands)
    _add_receipt(commands)
    witness_arguments(
        commands.add_parser("witness", help="countersign a partner's log"),
        keys=read_keys,
        clock=lambda: datetime.now(UTC),
    )
    return parser


def _add_verify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = commands.add_parser(
        "verify",
        help="check an export offline",
        description=_ABOUT,
        epilog=_AFTER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument(
        "export", type=Path, metavar="EXPORT", help="the export's folder, or the zip"
    )
    _add_key(verify)
    _add_held(verify)
    verify.add_argument(
        "--unvouched",
        action="store_true",
        help="accept a copy that no entry of the log vouches for, made by whoever keeps the log; "
        "nothing shows what was left out of it or withheld in it",
    )
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.add_argument("--quiet", action="store_true", help="print no progress to stderr")
    verify.add_argument(
        "--processes",
        type=int,
        default=0,
        metavar="N",
        help="how many processes follow a large log (default: one for each processor)",
    )
    verify.set_defaults(run=_verify)


def _add_held(verify: argparse.ArgumentParser) -> None:
    """What others hold, which the export is compared with."""
    verify.add_argument(
        "--held",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a checkpoint that was kept outside the log, or a file of them; shows a log "
        "rewritten or cut since then, even by someone who has the key; again for each further one",
    )
    verify.add_argument(
        "--outside",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="the file to which the signer adds every checkpoint on another host, copied before "
        "the export was asked for; the export must hold all that it covers",
    )
    verify.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="PUBKEY",
        help="the public key of a witness, or a file with its keys; again for each further one",
    )
    verify.add_argument(
        "--quorum",
        type=int,
        metavar="N",
        help="how many of the witnesses must have signed (default: all that are given)",
    )


def _add_receipt(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    receipt = commands.add_parser("receipt", help="check the receipt of one entry offline")
    receipt_arguments(receipt)
    _add_key(receipt)
    receipt.add_argument("--json", action="store_true", help="print the answer as JSON")
    receipt.set_defaults(run=_receipt)


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key",
        required=True,
        action="append",
        metavar="PUBKEY",
        help="the log's public key: a file with one key a line, or the key itself "
        "(name+id+base64); again for each further key, where keys have been changed",
    )


def _verify(parsed: argparse.Namespace) -> int:
    try:
        keys = [key for text in parsed.key for key in read_keys(text)]
        held = [note for path in parsed.held for note in read_notes(_read(path))]
        held += [note for path in parsed.outside for note in _outside(path, keys)]
        witnesses = [key for text in parsed.witness for key in read_witness(text)]
        progress = _Progress(quiet=parsed.quiet)
        with as_folder(parsed.export) as folder:
            report = verify_export(
                folder,
                keys,
                held=held,
                witnesses=witnesses,
                quorum=_quorum(parsed.quorum, {key.name for key in witnesses}),
                progress=progress,
                processes=parsed.processes or os.cpu_count() or 1,
                unvouched=parsed.unvouched,
            )
    except CannotRead as fault:
        return _cannot_read(fault, as_json=parsed.json)
    _show(report.to_json(), report.words(), as_json=parsed.json)
    return VERIFIED if report.verified else TAMPERED


def _receipt(parsed: argparse.Namespace) -> int:
    try:
        keys = [key for text in parsed.key for key in read_keys(text)]
        holds, answer, lines = receipt_answer(_read(parsed.receipt), keys)
    except CannotRead as fault:
        return _cannot_read(fault, as_json=parsed.json)
    _show(answer, "\n".join(lines), as_json=parsed.json)
    return VERIFIED if holds else TAMPERED


def _cannot_read(fault: CannotRead, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"verdict": "cannot read", "message": str(fault)}, indent=2))
    print(f"cannot read: {fault}", file=sys.stderr)
    return CANNOT_READ


def _show(answer: dict[str, Json], words: str, *, as_json: bool) -> None:
    try:
        print(json.dumps(answer, indent=2, ensure_ascii=False) if as_json else words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, a closed pager) has seen enough; the verdict is in the exit status too.
        # Python would complain once more when it flushes on the way out, so the rest goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _outside(path: Path, keys: Sequence[KnownKey]) -> list[bytes]:
    """The notes in a file kept outside. One that holds none by the keys would assure of nothing."""
    notes = list(read_notes(_read(path)))
    for note in notes:
        try:
            open_signed(note, keys)
        except NoteError:
            continue
        return notes
    raise CannotRead(f"{path} holds no checkpoint by the keys given; it shows nothing")


def read_witness(text: str) -> list[CosignerKey]:
    """The keys of a witness, as `read_keys` reads them. Raises CannotRead."""
    keys = [item.key for item in read_keys(text)]
    cosigners = [key for key in keys if isinstance(key, CosignerKey)]
    if len(cosigners) != len(keys):
        raise CannotRead("a witness's key is of another kind than the log's; it signs with 0x04")
    return cosigners


def _quorum(asked: int | None, names: set[str]) -> int:
    quorum = len(names) if asked is None else asked
    if not 0 <= quorum <= len(names) or (names and quorum == 0):
        raise CannotRead(f"a quorum of {quorum} among {len(names)} witnesses cannot be")
    return quorum


def read_keys(text: str) -> list[KnownKey]:
    """The keys in a file, or the key that the text itself is. Raises CannotRead."""
    source, lines = "the key given", [text]
    if "+" not in text or (len(text) < 512 and Path(text).is_file()):
        source = text
        lines = _read(Path(text)).decode("utf-8", "replace").splitlines()
    try:
        keys = [parse_known_key(line) for line in lines if line.strip()]
    except NoteError as fault:
        raise CannotRead(
            f"{source} is no public key of a log, nor a file with one: {fault}"
        ) from None
    if not keys:
        raise CannotRead(f"{source} holds no public key")
    return keys


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRead(f"{path} cannot be read: {error.strerror}") from None


class _Progress:
    """A line on stderr at most twice a second, and none before two seconds have passed."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._due = time.monotonic() + 2.0

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._quiet or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + 0.5
        percent = f" ({100 * done // total} %)" if total else ""
        print(f"{what}: {done} of {total}{percent}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
