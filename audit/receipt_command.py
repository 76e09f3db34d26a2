"""python -m audit receipt: check a receipt offline."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit.canonical import Json
from audit.key_list import KnownKey
from audit.receipt import ReceiptHolds, check_receipt, parse_receipt

_ABOUT = """\
Check a receipt offline: that its entry is in the log, where it says, and who has signed for it.

The receipt is trusted in nothing; the public key is, so get it by another way than the receipt.
"""


def receipt_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = _ABOUT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "exit status: 0 the entry is in the log; 1 the receipt proves nothing; 2 cannot read\n"
        "example: python -m audit receipt kvitto-5210.tlog-proof --key sluss.vkey"
    )
    parser.add_argument("receipt", type=Path, metavar="RECEIPT", help="the file (.tlog-proof)")


def receipt_answer(data: bytes, keys: list[KnownKey]) -> tuple[bool, dict[str, Json], list[str]]:
    """Whether it holds, as JSON and in words. Raises CannotRead."""
    checked = check_receipt(parse_receipt(data), keys)
    if not isinstance(checked, ReceiptHolds):
        answer: dict[str, Json] = {
            "verdict": "not verified",
            "reason": checked.reason,
            "message": checked.message,
        }
        return False, answer, [f"NOT VERIFIED ({checked.reason}): {checked.message}"]
    entry, checkpoint = checked.entry, checked.checkpoint
    signers = [f"{key.name}+{key.id.hex()}" for key in checked.signed_by]
    answer = {
        "verdict": "verified",
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "entry": {
            "n": entry.n,
            "id": entry.id,
            "t": entry.t,
            "op": entry.op,
            "res": entry.res,
            "org": entry.org,
        },
        "signed_by": list[Json](signers),
    }
    lines = [
        "VERIFIED",
        f"log:    {checkpoint.origin}, {checkpoint.size} entries",
        f"entry:  {entry.n}, {entry.id}, {entry.t}",
        f"act:    {entry.op} ({entry.res}) by {entry.org}",
        f"signed: {', '.join(signers)}",
    ]
    return True, answer, lines
