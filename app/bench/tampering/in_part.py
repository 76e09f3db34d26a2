"""Alterations of an export of a part of the log, by someone who writes its manifest anew.

Such an export holds what an entry of the log says that it was made to hold and to show.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

from app.bench.tampering.alteration import Expected, InExport, Unsuitable, expect
from app.bench.tampering.in_export import write_manifest
from app.bench.tampering.in_table import TABLE, InTable, true_rows, write_table
from app.bench.tampering.written_log import WrittenLog, open_row, tell_export, write_log
from audit.canonical import canonical
from audit.checkpoint import SigningKey
from audit.contents import make_contents
from audit.entry import FIELDS
from audit.export import Beside, DetailOpener, write_export
from audit.manifest import CONTENTS, DETAILS, ENTRIES, MANIFEST, Manifest, Scope, parse_manifest
from audit.report import Order
from audit.shown import SHOWN_PATH, would_show

_CAP = 1024 * 1024
Line = dict[str, Any]


def write_part(
    log: WrittenLog,
    key: SigningKey,
    folder: Path,
    chance: random.Random,
    *,
    untrue: InTable | None = None,
) -> Expected | None:
    """An export of an organisation or a case, with a table, as the service makes them.

    `untrue` alters the table before the log vouches for it; returned is how it must be named.
    """
    scope = _drawn(log, chance)
    opener = cast("DetailOpener", open_row)
    shutil.rmtree(folder, ignore_errors=True)
    beside = folder.with_name(f"{folder.name}-beside")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    rows = true_rows(log, _members_of(log, scope))
    expected = untrue(rows, chance) if untrue else None
    files = {SHOWN_PATH: beside / "shown.txt", **write_table(beside, rows)}
    files[SHOWN_PATH].write_bytes(b"".join(would_show(log, opener, scope)))
    hashes = {path: hashlib.sha256(at.read_bytes()).hexdigest() for path, at in files.items()}
    order = Order(export="export-1", recipient="Kommunrevisionen", purpose="Granskning")
    contents = make_contents(hashes, scope, order)
    entry = tell_export(log, scope, hashlib.sha256(contents).hexdigest(), chance)
    log.seal(key)
    write_export(
        log,
        folder,
        opener=opener,
        keys=[key.verifier],
        kind=scope.kind,
        of=scope.of,
        start=scope.start,
        stop=scope.stop,
        beside=Beside(contents=contents, files=files, entry=entry),
    )
    return expected


def _drawn(log: WrittenLog, chance: random.Random) -> Scope:
    """A scope with at least three entries in it."""
    kind = chance.choice(("organisation", "case"))
    prefix = "org:" if kind == "organisation" else "case:"
    scopes = [name for name, count in log.counters.items() if name.startswith(prefix) and count > 4]
    if not scopes:
        raise Unsuitable
    of = chance.choice(sorted(scopes)).removeprefix(prefix)
    members = [n for n in range(log.head_row.n) if _belongs(log, n, kind, of)]
    start = chance.choice((0, members[0], members[1]))
    stop = chance.choice((log.head_row.n, members[-1] + 1, members[-2] + 1))
    return Scope(kind=cast("Any", kind), of=of, start=start, stop=stop)


def _members_of(log: WrittenLog, scope: Scope) -> list[int]:
    return [
        n for n in range(scope.start, scope.stop) if _belongs(log, n, scope.kind, str(scope.of))
    ]


def _belongs(log: WrittenLog, n: int, kind: str, of: str) -> bool:
    if kind == "organisation":
        return bool(json.loads(log.leaf_rows[n].entry)["org"] == of)
    return f'"case":"{of}"'.encode() in log.detail_rows[n, "object"].body


def withhold_a_detail(folder: Path, chance: random.Random) -> Expected:
    """A detail that was shown is said to be withheld."""
    n = _member(folder, chance)
    name = chance.choice(FIELDS)
    _change(folder, DETAILS, lambda line: _hidden(line) if _is(line, n, name) else line)
    write_manifest(folder)
    return expect("edited", "missing", at=n)


def withhold_who_acted(folder: Path, _chance: random.Random) -> Expected:
    """Nobody is named any longer."""
    _change(folder, DETAILS, lambda line: _hidden(line) if line["f"] == "actor" else line)
    write_manifest(folder)
    return expect("edited")


def take_contents_away(folder: Path, chance: random.Random) -> Expected:
    """The tables and their list go, with or without the entry that tells of them."""
    shutil.rmtree(folder / "contents")
    (folder / CONTENTS).unlink()
    manifest = _manifest(folder)
    gone = {manifest.supporting[-1]} if chance.random() < 0.5 else set()
    _drop(folder, gone)
    return expect("missing")


def take_vouching_entry_away(folder: Path, _chance: random.Random) -> Expected:
    """The tables stay, and nothing says any longer that they are what was exported."""
    _drop(folder, {_manifest(folder).supporting[-1]})
    return expect("missing", "edited")


def end_earlier(folder: Path, chance: random.Random) -> Expected:
    """The scope ends before some entry, which becomes the neighbour that proves the end."""
    manifest, members = _manifest(folder), _members(folder)
    n = chance.choice(members[1:])
    scope = manifest.scope
    narrower = Scope(kind=scope.kind, of=scope.of, start=scope.start, stop=n)
    vouching = manifest.supporting[-1]
    _drop(
        folder,
        {one for one in _indices(folder) if n < one != vouching},
        scope=narrower,
        support={n},
    )
    return expect("edited", "missing")


def name_another_recipient(folder: Path, chance: random.Random) -> Expected:
    """Whom it was for, or why, becomes another."""
    content = json.loads((folder / CONTENTS).read_bytes())
    content["order"][chance.choice(("recipient", "purpose", "export"))] = "Tidningen"
    (folder / CONTENTS).write_bytes(canonical(content, limit=_CAP))
    write_manifest(folder)
    return expect("edited")


def change_table(folder: Path, chance: random.Random) -> Expected:
    """A table says something else, and so does the list of files."""
    path = chance.choice((f"{TABLE}.csv", f"{TABLE}.jsonl", SHOWN_PATH))
    data = bytearray((folder / path).read_bytes())
    data[chance.randrange(len(data))] ^= 1
    (folder / path).write_bytes(bytes(data))
    if chance.random() < 0.5:
        content = json.loads((folder / CONTENTS).read_bytes())
        content["files"][path] = hashlib.sha256(data).hexdigest()
        (folder / CONTENTS).write_bytes(canonical(content, limit=_CAP))
    write_manifest(folder)
    return expect("edited", "missing")


def leave_entry_out(folder: Path, chance: random.Random) -> Expected:
    """An entry and its details are taken out."""
    n = _member(folder, chance)
    _drop(folder, {n})
    return expect("missing")


def let_entry_only_support(folder: Path, chance: random.Random) -> Expected:
    """An entry of the scope is said to stand outside it, and its details are withheld."""
    n = _member(folder, chance)
    _change(folder, DETAILS, lambda line: _hidden(line) if line["n"] == n else line)
    _drop(folder, set(), support={n})
    return expect("missing", "edited")


def exchange_details(folder: Path, chance: random.Random) -> Expected:
    """Two entries exchange what was said of them."""
    first, second = chance.sample(_members(folder), 2)
    to = {first: second, second: first}
    lines = [{**line, "n": to.get(line["n"], line["n"])} for line in _lines(folder, DETAILS)]
    _put(folder, DETAILS, sorted(lines, key=lambda line: (line["n"], line["f"])))
    write_manifest(folder)
    return expect("edited", at=(first, second))


def renumber_case(folder: Path, chance: random.Random) -> Expected:
    """An entry gets another number in its case, or in its organisation."""
    n = _member(folder, chance)
    if chance.random() < 0.5:
        _change(
            folder, ENTRIES, lambda line: {**line, "ko": line["ko"] + 1} if line["n"] == n else line
        )
    else:
        _change(folder, DETAILS, lambda line: _renumbered(line) if _is(line, n, "object") else line)
    write_manifest(folder)
    return expect("edited", at=n)


def mix_with_another_log(folder: Path, chance: random.Random) -> Expected:
    """An entry is another log's, with that log's details, under the same index."""
    n = _member(folder, chance)
    stranger = SigningKey("elsewhere.example/log", chance.randbytes(32))
    other = write_log(chance, stranger, n + 1)
    theirs = json.loads(other.leaf_rows[n].entry)
    _change(folder, ENTRIES, lambda line: theirs if line["n"] == n else line)
    write_manifest(folder)
    return expect("edited", at=n)


IN_PART: tuple[InExport, ...] = (
    *(withhold_a_detail, withhold_who_acted, take_contents_away, take_vouching_entry_away),
    *(end_earlier, name_another_recipient, change_table, leave_entry_out, let_entry_only_support),
    *(exchange_details, renumber_case, mix_with_another_log),
)


def _manifest(folder: Path) -> Manifest:
    return parse_manifest((folder / MANIFEST).read_bytes())


def _lines(folder: Path, name: str) -> list[Line]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def _put(folder: Path, name: str, lines: Iterable[Line]) -> None:
    written = b"".join(canonical(line, limit=_CAP) + b"\n" for line in lines)
    (folder / name).write_bytes(written)


def _change(folder: Path, name: str, to: Callable[[Line], Line]) -> None:
    _put(folder, name, [to(line) for line in _lines(folder, name)])


def _indices(folder: Path) -> list[int]:
    return [line["n"] for line in _lines(folder, ENTRIES)]


def _members(folder: Path) -> list[int]:
    supporting = set(_manifest(folder).supporting)
    return [n for n in _indices(folder) if n not in supporting]


def _member(folder: Path, chance: random.Random) -> int:
    return chance.choice(_members(folder))


def _is(line: Line, n: int, name: str) -> bool:
    return bool((line["n"], line["f"]) == (n, name))


def _hidden(line: Line) -> Line:
    return {"f": line["f"], "n": line["n"], "why": "withheld"}


def _renumbered(line: Line) -> Line:
    value = line["d"]
    return {**line, "d": {**value, "k": cast("int", value.get("k", 0)) + 1}}


def _drop(folder: Path, gone: set[int], *, support: Iterable[int] = (), **changes: Any) -> None:
    """Entries and details go, and the manifest says what is left."""
    for name in (ENTRIES, DETAILS):
        _put(folder, name, [line for line in _lines(folder, name) if line["n"] not in gone])
    left = (set(_manifest(folder).supporting) | set(support)) - gone
    write_manifest(folder, entries=len(_indices(folder)), supporting=tuple(sorted(left)), **changes)
