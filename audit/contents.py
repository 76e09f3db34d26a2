"""What an export holds beside the log: tables, a report, rules; and why they can be believed.

`contents.json` names each such file with its hash, and the scope that they tell of. The log has an
entry with the hash of `contents.json` itself, made before the export was written, and the export
shows that entry. Whoever changes a table must change the log too. Source: docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final, cast

from audit.canonical import Json, canonical, parse_canonical
from audit.entry import OpenedDetail, commitment, parse_leaf
from audit.errors import AuditFault, CannotRead, CanonicalError
from audit.exported import ExportFolder
from audit.manifest import CONTENTS, CONTENTS_FOLDER, ENTRIES, Scope
from audit.merkle import leaf_hash
from audit.report import Findings
from audit.tiles import TileTree

FORMAT: Final = "sluss/audit/contents/1"
CONTENTS_CAP: Final = 4 * 1024 * 1024  # bytes
WRITTEN_OP: Final = "export.written"
"""The operation of the entry whose detail holds the hash, under `contents`."""

_PATH = re.compile(rf"{CONTENTS_FOLDER}[a-z0-9_.\-]+(?:/[a-zA-Z0-9_.\-]+)*")


def make_contents(files: Mapping[str, str], scope: Scope) -> bytes:
    """`contents.json`: `files` maps path to SHA-256 in hex. Raises ValueError for a wild path."""
    for path in files:
        if not _PATH.fullmatch(path) or ".." in path:
            raise ValueError(
                f"{path!r} cannot stand beside a log; it begins with {CONTENTS_FOLDER}"
            )
    content = cast("dict[str, Json]", {"format": FORMAT, "files": dict(files)})
    content["scope"] = cast("Json", asdict(scope))
    return canonical(content, limit=CONTENTS_CAP)


def check_contents(export: ExportFolder, tree: TileTree, findings: Findings) -> int:
    """Hold every file beside the log against `contents.json`, and that against the log.

    Returns how many there are; what is wrong with them is in `findings`.
    """
    named = {path for path in export.manifest.files if path.startswith(CONTENTS_FOLDER)}
    data = export.read(CONTENTS)
    vouched = _vouched(export, tree)
    if data is None:
        if named or (vouched and max(vouched) >= export.manifest.scope.stop):
            message = "the log says that files were exported beside it, and the list is gone"
            findings.add("missing", None, CONTENTS, message)
        return 0
    if hashlib.sha256(data).hexdigest() not in vouched.values():
        message = "no entry in the log says that this is what was exported"
        findings.add("edited", None, CONTENTS, message)
    try:
        files, scope = _parse(data)
    except (CanonicalError, CannotRead, KeyError, TypeError, ValueError):
        findings.add("edited", None, CONTENTS, "it is not as an export writes it")
        return 0
    if scope != export.manifest.scope:
        message = "the export was written for another scope than its manifest now claims"
        findings.add("edited", None, CONTENTS, message)
    for path in sorted(named | files.keys()):
        if path not in files:
            findings.add("edited", None, path, "the export as it was written has no such file")
        elif path not in named:
            findings.add("missing", None, path, "the file is gone")
        elif export.manifest.files[path] != files[path]:
            findings.add("edited", None, path, "the file is not what the log says was exported")
    return len(files)


def _vouched(export: ExportFolder, tree: TileTree) -> dict[int, str]:
    """Index -> hash of a list of contents, of every entry that is in the tree and tells one."""
    found: dict[int, str] = {}
    details = export.details()
    for line in export.lines(ENTRIES):
        if WRITTEN_OP.encode() not in line:
            continue
        try:
            entry = parse_leaf(line)
        except AuditFault:
            continue
        if entry.op != WRITTEN_OP or tree.leaf(entry.n) != leaf_hash(line):
            continue
        details.load(entry.n + 1)
        told = details.take(entry.n).get("detail")
        details.left()
        if told is None or not isinstance(told.opened, OpenedDetail):
            continue
        digest = told.value.get("contents")
        if isinstance(digest, str) and commitment("detail", told.opened) == entry.cd:
            found[entry.n] = digest
    return found


def _parse(data: bytes) -> tuple[dict[str, str], Scope]:
    content = parse_canonical(data, limit=CONTENTS_CAP)
    if not isinstance(content, dict) or content["format"] != FORMAT:
        raise CannotRead(f"{CONTENTS} is not of the format {FORMAT}")
    files, scope = content["files"], content["scope"]
    if not isinstance(files, dict) or not isinstance(scope, dict):
        raise TypeError("a part has the wrong type")
    if not all(isinstance(one, str) for one in files.values()):
        raise TypeError("a hash is not text")
    return cast("dict[str, str]", files), Scope(**scope)  # type: ignore[arg-type]
