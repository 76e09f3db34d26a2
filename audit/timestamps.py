"""Time stamps in an export: for each a checkpoint's text, and what an outside service answered.

Here it is seen that the text is a checkpoint that the log has signed, and that the answer speaks of
that text. Whose signature it bears is for `openssl ts -verify` to say, because that needs
certificates, and more than this folder has. Source: RFC 3161; docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from audit.checkpoint import Checkpoint
from audit.exported import ExportFolder
from audit.manifest import TIMESTAMPS

_FILE = re.compile(rf"{TIMESTAMPS}([1-9][0-9]{{0,18}})\.(tsr|txt)")


def check_timestamps(export: ExportFolder, trusted: Iterable[Checkpoint]) -> int:
    """How many stamps speak of a checkpoint by the keys given; what contradicts is a finding."""
    texts = {checkpoint.size: checkpoint.text().encode() for checkpoint in trusted}
    findings, good = export.findings, 0
    for size in sorted({int(found[1]) for found in map(_FILE.fullmatch, _files(export)) if found}):
        text = export.read(f"{TIMESTAMPS}{size}.txt")
        token = export.read(f"{TIMESTAMPS}{size}.tsr")
        where = f"{TIMESTAMPS}{size}"
        if text is None or token is None:
            findings.add("missing", None, where, "of a time stamp, text or answer is missing")
        elif text != texts.get(size):
            message = "what was stamped is no checkpoint that the given keys have signed"
            findings.add("edited", None, where, message)
        elif not any(digest(text).digest() in token for digest in (hashlib.sha256, hashlib.sha512)):
            findings.add("edited", None, where, "the time stamp is of something else")
        else:
            good += 1
    return good


def _files(export: ExportFolder) -> Iterable[str]:
    return export.manifest.files
