"""From the files of a pack to typed entries, keeping for each where it stands.

Collects what cannot be read instead of stopping at the first of it. Decides nothing.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeGuard, TypeVar

import msgspec

from policies.errors import CaseError, PackError, Problem
from policies.pack import (
    ChangesFile,
    Manifest,
    ParametersFile,
    RolesFile,
    RulesFile,
    SecrecyFile,
    SourcesFile,
    VocabularyFile,
)

T = TypeVar("T")

_FILES: dict[str, type[msgspec.Struct]] = {
    "vocabulary.toml": VocabularyFile,
    "secrecy.toml": SecrecyFile,
    "parameters.toml": ParametersFile,
    "sources.toml": SourcesFile,
    "roles.toml": RolesFile,
}
_OPTIONAL: dict[str, type[msgspec.Struct]] = {"CHANGES.toml": ChangesFile}
TRIED = ("scenarios", "boundaries")
"""Folders whose files say what the law must answer: told cases, and what each rule takes."""
_HEADER = re.compile(r"\s*\[\[?[A-Za-z_.]+\]\]?\s*(#.*)?$")
_NAMING_KEYS = ("id", "name", "code", "act", "rule", "version_of")
_ANY = ""
"""Stands for every name: of rows that could not be read, nobody knows what they go by."""


class Entry(NamedTuple, Generic[T]):
    """One table of a file, decoded, with its place."""

    file: str
    table: str
    position: int
    """Place among the tables of that name in the file, from 0."""
    value: T


class Draft:
    """A pack as read: entries by table name, and the problems so far."""

    def __init__(self) -> None:
        self.manifest: Manifest | None = None
        self.problems: list[Problem] = []
        self._entries: dict[str, list[Entry[Any]]] = {}
        self._texts: dict[str, str] = {}
        self._unread: dict[str, set[str]] = {}
        """Table -> the names that its rows which could not be read go by."""

    def entries(self, table: str, kind: type[T]) -> list[Entry[T]]:
        """Entries of one table in file order. `kind` is for the type checker's sake."""
        del kind
        return self._entries.get(table, [])

    def values(self, table: str, kind: type[T]) -> tuple[T, ...]:
        """The decoded tables alone."""
        return tuple(entry.value for entry in self.entries(table, kind))

    def all_entries(self) -> Iterator[Entry[Any]]:
        """Every entry of every table."""
        for entries in self._entries.values():
            yield from entries

    def report(self, entry: Entry[Any], key: str, message: str) -> None:
        """Note a problem in an entry, at the line of `key` if the entry has it."""
        label = f"{entry.table} {_name_of(msgspec.structs.asdict(entry.value), entry.position)}"
        self.report_at(entry.file, entry.table, entry.position, key, f"{label}, {key}: {message}")

    def report_at(self, file: str, table: str, index: int, key: str, message: str) -> None:
        """Note a problem by table, position and key."""
        line = _line_of(self._texts.get(file, ""), table, index, key)
        self.problems.append(Problem(file, line, message))

    def not_read(self, table: str, row: object = None) -> None:
        """Note that a row of a table could not be read; without the row, that none could."""
        names = {str(row[key]) for key in _NAMING_KEYS if key in row} if _is_table(row) else set()
        self._unread.setdefault(table, set()).update(names or {_ANY})

    def may_hold(self, table: str, name: str) -> bool:
        """Whether something goes by the name in what could not be read of the table.

        Then nothing can be said against those who use it: the fault is told where it is.
        """
        return bool(self._unread.get(table, set()) & {name, _ANY})

    def whole(self, table: str) -> bool:
        """Whether every row of the table could be read."""
        return table not in self._unread

    def add_text(self, file: str, text: str) -> None:
        """Keep a file's text, for line numbers."""
        self._texts[file] = text

    def with_value(self, entry: Entry[Any], value: Any) -> Draft:
        """A copy in which one entry says something else."""
        other = Draft()
        other.manifest = self.manifest
        other._texts = self._texts
        other._unread = self._unread
        other._entries = dict(self._entries)
        other._entries[entry.table] = [
            one._replace(value=value) if one is entry else one for one in self._entries[entry.table]
        ]
        return other

    def add(self, entry: Entry[Any]) -> None:
        """Take in a decoded table."""
        self._entries.setdefault(entry.table, []).append(entry)


def pack_files(folder: Path) -> list[Path]:
    """Every file that is part of the pack, sorted by relative path."""
    found = [*folder.glob("*.toml"), *folder.glob("rules/*.toml")]
    found += (path for name in TRIED for path in folder.glob(f"{name}/**/*.toml"))
    # All lie under the folder, so their whole paths sort as those relative to it do.
    return sorted(found, key=Path.as_posix)


def pack_contents(folder: Path | None = None) -> dict[str, bytes]:
    """Every file of a pack by its path in it; without a folder, of the one that comes along."""
    where = folder or Path(__file__).parent
    return {path.relative_to(where).as_posix(): path.read_bytes() for path in pack_files(where)}


def hash_of_files(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over relative path, length and bytes of each file, in order of path."""
    digest = hashlib.sha256()
    for path in sorted(contents):
        name, data = path.encode(), contents[path]
        digest.update(len(name).to_bytes(8) + name + len(data).to_bytes(8) + data)
    return digest.hexdigest()


def read(folder: Path) -> tuple[Draft, str]:
    """Read a pack's files. Returns the draft and the hash of the files.

    Raises `PackError` only when there is nothing to read; other problems are in the draft.
    """
    if not folder.is_dir():
        raise PackError([Problem(str(folder), 0, "there is no such folder; name a rule pack")])
    contents: dict[str, bytes] = {}
    unreadable = []
    # As text, because a pack has hundreds of files and a path object is slow to cut.
    above = len((folder / "_").as_posix()) - 1
    for path in pack_files(folder):
        name = path.as_posix()[above:]
        try:
            contents[name] = path.read_bytes()
        except OSError as fault:
            unreadable.append(Problem(name, 0, f"cannot be read: {fault.strerror}"))
    return read_contents(contents, unreadable)


def read_contents(
    contents: Mapping[str, bytes], unreadable: Sequence[Problem] = ()
) -> tuple[Draft, str]:
    """As `read`, from files that are at hand: path in the pack -> bytes."""
    draft = Draft()
    draft.problems.extend(unreadable)
    for name in sorted(contents):
        if not name.startswith(tuple(f"{folder}/" for folder in TRIED)):
            _read_file(draft, name, contents[name])
    for problem in unreadable:
        _not_read(draft, problem.file)
    for name in ("pack.toml", *_FILES):
        if name not in contents:
            _not_read(draft, name)
            if name not in {problem.file for problem in unreadable}:
                draft.problems.append(Problem(name, 0, "the file is missing"))
    return draft, hash_of_files(contents)


def parse_toml(file: str, data: bytes) -> dict[str, Any] | Problem:
    """A TOML file as a dict, or the one problem that makes it unreadable."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        return Problem(file, line, "is not UTF-8 text")
    except tomllib.TOMLDecodeError as fault:
        place = re.search(r"at line (\d+)", str(fault))
        last = data.count(b"\n") + 1
        return Problem(file, int(place[1]) if place else last, f"is not valid TOML: {fault}")
    except (RecursionError, ValueError):
        # Python reads no number of thousands of digits, and no tables that lie so deep.
        return Problem(file, 0, "has a number that is too long, or tables too deep in each other")


def toml_written_by_hand(path: Path) -> dict[str, Any]:
    """A TOML file beside a pack, as a dict. Raises `CaseError` with a sentence that names it."""
    try:
        content = parse_toml(str(path), path.read_bytes())
    except OSError as fault:
        raise CaseError(f"{path} cannot be read: {fault.strerror}") from fault
    if isinstance(content, Problem):
        raise CaseError(str(content))
    return content


def _read_file(draft: Draft, name: str, data: bytes) -> None:
    content = parse_toml(name, data)
    if isinstance(content, Problem):
        draft.problems.append(content)
        _not_read(draft, name)
        return
    draft.add_text(name, data.decode("utf-8"))
    if name == "pack.toml":
        draft.manifest = _convert(draft, name, "", 0, content, Manifest)
        return
    shape = _shape(name)
    if shape is None:
        draft.problems.append(Problem(name, 0, "is not a file of a rule pack; remove or rename it"))
        return
    tables = _tables(shape)
    for table, rows in content.items():
        if table not in tables:
            known = ", ".join(sorted(tables))
            draft.report_at(name, table, 0, "", f"unknown table {table!r}; it can hold {known}")
        elif not isinstance(rows, list):
            draft.report_at(name, table, 0, "", f"{table} must be written as [[{table}]]")
            draft.not_read(table)
        else:
            kind = tables[table].type.__args__[0]
            for index, row in enumerate(rows):
                value = _convert(draft, name, table, index, row, kind)
                if value is not None:
                    draft.add(Entry(name, table, index, value))
                else:
                    draft.not_read(table, row)


def _shape(file: str) -> type[msgspec.Struct] | None:
    """What a file of a pack holds; None for a file that belongs to no pack."""
    return RulesFile if file.startswith("rules/") else {**_FILES, **_OPTIONAL}.get(file)


def _tables(shape: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


def _not_read(draft: Draft, file: str) -> None:
    shape = _shape(file)
    for table in _tables(shape) if shape else ():
        draft.not_read(table)


def _is_table(row: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(row, dict)


def _convert(draft: Draft, file: str, table: str, index: int, row: Any, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as fault:
        label = f"{table} {_name_of(row, index)}" if table else file
        problems = list(_field_problems(row, kind)) or [("", str(fault))]
        for key, message in problems:
            place = f"{label}, {key}" if key else label
            draft.report_at(file, table, index, key, f"{place}: {message}")
        return None


def _field_problems(row: Any, kind: type[Any]) -> Iterator[tuple[str, str]]:
    # msgspec stops at the first wrong field; a rule author wants all of them.
    if not isinstance(row, dict):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in row:
        if key not in fields:
            yield key, f"unknown key {key!r}"
    for key, field in fields.items():
        if key not in row:
            if field.required:
                yield key, f"missing key {key!r}"
            continue
        try:
            msgspec.convert(row[key], field.type)
        except msgspec.ValidationError as fault:
            yield key, str(fault)


def _name_of(row: Any, index: int) -> str:
    if isinstance(row, dict):
        for key in _NAMING_KEYS:
            if isinstance(row.get(key), str) and row[key]:
                return str(row[key])
    return f"[{index}]"


def _line_of(text: str, table: str, index: int, key: str) -> int:
    """Line of a key in the index-th `[[table]]`, else of its header, else of the key anywhere."""
    lines = text.splitlines()
    headers = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{table}\s*\]", line)]
    if not table:
        start, end = 0, len(lines)
    elif index < len(headers):
        start = headers[index]
        later = [n for n, line in enumerate(lines) if n > start and _HEADER.match(line)]
        end = later[0] if later else len(lines)
    else:
        return 0
    for n in range(start, end):
        if key and re.match(rf"\s*{re.escape(key)}\s*=", lines[n]):
            return n + 1
    return start + 1 if table else 0
