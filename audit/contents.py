"""What an export was made to hold, for whom and why; and why that can be believed.

`contents.json` names the scope, the order, and each file beside the log with its hash: tables, a
report, rules, and which details of which entries are shown. The log has an entry with the hash of
`contents.json` itself, made before the export was written, and the export shows that entry.
Whoever changes, hides or leaves out anything must change the log too. Source:
docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, cast

from audit.canonical import Json, canonical, parse_canonical
from audit.errors import CannotRead, CanonicalError
from audit.exported import ExportFolder
from audit.manifest import CONTENTS, CONTENTS_FOLDER, Scope
from audit.report import Findings, Order
from audit.shown import SHOWN_PATH, check_shown
from audit.tables import same
from audit.trail import Trail

FORMAT: Final = "sluss/audit/contents/3"
ABOUT: Final = f"{CONTENTS_FOLDER}about.json"
CONTENTS_CAP: Final = 4 * 1024 * 1024  # bytes

_PATH = re.compile(rf"{CONTENTS_FOLDER}[a-z0-9_.\-]+(?:/[a-zA-Z0-9_.\-]+)*")


@dataclass(frozen=True)
class _Contents:
    scope: Scope
    order: Order
    files: dict[str, str]


def make_contents(files: Mapping[str, str], scope: Scope, order: Order) -> bytes:
    """`contents.json`: `files` maps path to SHA-256 in hex.

    Raises ValueError for a wild path, or where none of the files says what is shown.
    """
    for path in files:
        if not _PATH.fullmatch(path) or ".." in path:
            raise ValueError(
                f"{path!r} cannot stand beside a log; it begins with {CONTENTS_FOLDER}"
            )
    if SHOWN_PATH not in files:
        raise ValueError(f"an export says in {SHOWN_PATH} which details it shows")
    content = cast("dict[str, Json]", {"format": FORMAT, "files": dict(files)})
    content["scope"] = cast("Json", asdict(scope))
    content["order"] = cast("Json", {**asdict(order), "cases": list(order.cases)})
    return canonical(content, limit=CONTENTS_CAP)


@dataclass(frozen=True)
class Vouched:
    """The entry that says what was exported, for whom, and how many files stood beside the log."""

    entry: int
    order: Order
    files: int


def check_contents(
    export: ExportFolder, trail: Trail, findings: Findings, *, required: bool
) -> Vouched | None:
    """Hold the export against `contents.json`, and that against the log.

    What is wrong is in `findings`; so is, where it is `required`, that nothing vouches.
    """
    named = {path for path in export.manifest.files if path.startswith(CONTENTS_FOLDER)}
    data = export.read(CONTENTS)
    if data is None:
        if named or required or CONTENTS in export.manifest.files:
            message = (
                "nothing says for whom this was exported and what it was made to show; every "
                "export that somebody has ordered has that, so something was taken away"
            )
            findings.add("missing", None, CONTENTS, message)
        return None
    vouching = _vouching(data, export.manifest.scope, trail, findings)
    try:
        contents = _parse(data)
    except (CanonicalError, CannotRead, KeyError, TypeError, ValueError):
        findings.add("edited", None, CONTENTS, "it is not as an export writes it")
        return None
    if contents.scope != export.manifest.scope:
        message = "the export was written for another scope than its manifest now claims"
        findings.add("edited", None, CONTENTS, message)
    _check_files(export, named, contents.files, findings)
    check_shown(export.lines(SHOWN_PATH), trail.shown, findings)
    _check_about(export, contents.order, len(trail.shown.letters), findings)
    return None if vouching is None else Vouched(vouching, contents.order, len(contents.files))


def _vouching(data: bytes, scope: Scope, trail: Trail, findings: Findings) -> int | None:
    """The entry after the scope that tells the hash of this very list."""
    after = {n: digest for n, digest in trail.told.items() if n >= scope.stop}
    digest = hashlib.sha256(data).hexdigest()
    for n, told in after.items():
        if told == digest:
            return n
    if after:
        message = "no entry in the log says that this is what was exported"
        findings.add("edited", None, CONTENTS, message)
    else:
        message = "the entry of the log that says what was exported is not shown"
        findings.add("missing", None, CONTENTS, message)
    return None


def _check_files(
    export: ExportFolder, named: set[str], files: Mapping[str, str], findings: Findings
) -> None:
    for path in sorted(named | files.keys()):
        if path not in files:
            findings.add("edited", None, path, "the export as it was written has no such file")
        elif path not in named:
            findings.add("missing", None, path, "the file is gone")
        elif export.manifest.files[path] != files[path]:
            findings.add("edited", None, path, "the file is not what the log says was exported")


def _check_about(export: ExportFolder, order: Order, entries: int, findings: Findings) -> None:
    """What the export says of itself in words must be what was ordered, and what is in it."""
    data = export.read(ABOUT)
    if data is None:
        return
    wanted = {
        "recipient": order.recipient,
        "purpose": order.purpose,
        "staff_named": order.staff_named,
        "reasons_shown": order.reasons_shown,
        "entries": entries,
    }
    try:
        about = json.loads(data)
        wrong = [name for name, one in wanted.items() if not same(about[name], one)]
    except (ValueError, KeyError, TypeError, RecursionError):
        findings.add("edited", None, ABOUT, "it is not as an export writes it")
        return
    if wrong:
        message = f"it says something else than the log in {', '.join(wrong)}"
        findings.add("edited", None, ABOUT, message)


def _parse(data: bytes) -> _Contents:
    content = parse_canonical(data, limit=CONTENTS_CAP)
    if not isinstance(content, dict) or content["format"] != FORMAT:
        raise CannotRead(f"{CONTENTS} is not of the format {FORMAT}")
    files, scope, order = content["files"], content["scope"], content["order"]
    if not (isinstance(files, dict) and isinstance(scope, dict) and isinstance(order, dict)):
        raise TypeError("a part has the wrong type")
    cases = order.pop("cases")
    if not isinstance(cases, list):
        raise TypeError("the cases of the order are not a list")
    asked = [order.pop("staff_named"), order.pop("reasons_shown")]
    if not all(isinstance(one, str) for one in [*files.values(), *order.values(), *cases]):
        raise TypeError("a hash or a word of the order is not text")
    if not all(isinstance(one, bool) for one in asked):
        raise TypeError("what was ordered to be shown is neither yes nor no")
    if SHOWN_PATH not in files:
        raise KeyError(SHOWN_PATH)
    return _Contents(
        Scope(**scope),  # type: ignore[arg-type]  # another name or kind is the TypeError caught above
        # Another name is the TypeError that the caller tells; the types have been looked at above.
        Order(**order, cases=tuple(cases), staff_named=asked[0], reasons_shown=asked[1]),  # type: ignore[arg-type]
        cast("dict[str, str]", files),
    )
