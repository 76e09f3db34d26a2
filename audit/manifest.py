"""What an export says about itself: its scope, its tree, and the hash of every other file.

Source: docs/formats/export.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Final, Literal, cast

from audit.canonical import Json, canonical, parse_canonical
from audit.errors import CannotRead, CanonicalError
from audit.table_columns import NOT_VOUCHED

FORMAT: Final = "sluss/audit/export/1"
MANIFEST_CAP = 64 * 1024 * 1024  # bytes; about 150 bytes a file, so some 100 million entries
SIZE_CAP = 2**40  # entries
MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints.jsonl"
CONTENTS = "contents.json"
CONTENTS_FOLDER = "contents/"
DETAILS = "details.jsonl"
ENTRIES = "entries.jsonl"
KEYS = "keys.txt"
TIMESTAMPS = "timestamps/"
"""Folder of time stamps, where there are any: <size>.txt and <size>.tsr."""
READ_ME = "README.txt"
_FIRST_READ_ME = """\
Detta är ett utdrag ur loggen i Sluss. Det kan kontrolleras utan Sluss:

    python -m audit verify DEN-HÄR-MAPPEN --key NYCKEL

NYCKEL är loggens publika nyckel. Hämta den från den som för loggen, på annan väg än utdraget, och
använd inte keys.txt i den här mappen: den som har ändrat utdraget kan ha ändrat också den.

This is an export of the log of Sluss. It can be checked without Sluss, as above. KEY is the public
key of the log. Get it from whoever keeps the log, by another way than this export, and do not use
keys.txt in this folder: whoever changed the export may have changed that too.
"""
_NOT_VOUCHED = "".join(
    f"    {table}: {', '.join(columns)}\n" for table, columns in NOT_VOUCHED.items()
)
_SECOND_READ_ME = f"""{_FIRST_READ_ME}
Tabellerna i contents, där de finns, hålls rad för rad mot posterna i loggen. Dessa kolumner
kommer ur databasen eller reglerna, och inget i loggen intygar dem:

{_NOT_VOUCHED}
Detsamma gäller celler ur det som är withheld eller erased på raden, och rapporten i PDF.

The tables in contents, where there are any, are held row by row against the entries of the log.
The columns above come from the database or the rules, and nothing in the log vouches for them;
nor for cells that come from what is withheld or erased in the row, nor for the report in PDF.
"""
READ_ME_TEXT = f"""{_SECOND_READ_ME}
Kontrollen skriver "remark" där loggen själv berättar om något felaktigt, till exempel ett
utlämnande som vilar på ett samtycke som redan var återkallat. Då är inget ändrat i utdraget. Samma
anmärkning står i rapporten, under Anmärkningar.

The verifier prints "remark" where the log itself tells of a wrong, such as a disclosure that rests
on a consent already withdrawn. Nothing in the export is changed then. The report has the same.
"""
READ_ME_TEXTS: Final = frozenset({_FIRST_READ_ME, _SECOND_READ_ME, READ_ME_TEXT})
"""Every text that an export has ever had there; the verifier knows no other."""

ScopeKind = Literal["whole", "organisation", "case"]
Layout = Literal["bundles", "lines"]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an export claims to hold all of: entries with start <= index < stop.

    `of` is the organisation's or the case's id, None for the whole log.
    """

    kind: ScopeKind
    of: str | None = None
    start: int = 0
    stop: int

    def __post_init__(self) -> None:
        if self.kind not in ("whole", "organisation", "case"):
            raise ValueError(f"a scope is whole, organisation or case, not {self.kind!r}")
        if (self.of is None) != (self.kind == "whole"):
            raise ValueError("a scope of an organisation or a case, and no other, names its id")
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"a scope cannot begin at {self.start} and stop at {self.stop}")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`size` and `root` (hex) are those of the exported tree; `files` maps path to SHA-256 in hex.

    `supporting` are indices of entries outside the scope that are there to prove something: that
    nothing precedes or follows inside the scope, or that something was erased by decision.
    `minimum` is the log's minimum index: entries below it may have been pruned.
    """

    size: int
    root: str
    scope: Scope
    layout: Layout
    entries: int
    supporting: tuple[int, ...] = ()
    minimum: int = 0
    files: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Canonical JSON with `digest`, the SHA-256 of the same without it."""
        content = cast("dict[str, Json]", {**asdict(self), "format": FORMAT})
        content["supporting"] = list(self.supporting)
        if not self.minimum:
            del content["minimum"]  # as it was before any log was pruned
        digest = hashlib.sha256(canonical(content, limit=MANIFEST_CAP)).hexdigest()
        return canonical({**content, "digest": digest}, limit=MANIFEST_CAP)


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in a file. Raises CannotRead, as nothing else can be read without it."""
    try:
        content = parse_canonical(data, limit=MANIFEST_CAP)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise CannotRead(f"{MANIFEST} is not of the format {FORMAT}")
        digest = content.pop("digest", None)
        if hashlib.sha256(canonical(content, limit=MANIFEST_CAP)).hexdigest() != digest:
            raise CannotRead(f"{MANIFEST} is damaged: it does not match its own digest")
        del content["format"]
        return _typed(content)
    except (CanonicalError, KeyError, TypeError, ValueError):
        raise CannotRead(f"{MANIFEST} is damaged: it is not as an export writes it") from None


def recover_manifest(data: bytes) -> Manifest | None:
    """What can be read of a damaged manifest, so that the rest can be judged all the same."""
    try:
        content = json.loads(data)
        del content["format"], content["digest"]
        return _typed(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _typed(content: dict[str, Json]) -> Manifest:
    scope, supporting, files = content["scope"], content["supporting"], content["files"]
    if not (isinstance(scope, dict) and isinstance(supporting, list) and isinstance(files, dict)):
        raise TypeError("a part of the manifest has the wrong type")
    numbers = [content["size"], content["entries"], scope["start"], scope["stop"], *supporting]
    numbers.append(content.get("minimum", 0))
    if not all(isinstance(item, int) and not isinstance(item, bool) for item in numbers):
        raise TypeError("a number in the manifest is not one")
    if not all(isinstance(item, str) for item in [content["root"], *files.values()]):
        raise TypeError("a hash in the manifest is not text")
    if content["layout"] not in ("bundles", "lines"):
        raise ValueError("no such layout")
    _refuse_unfounded(cast("int", content["size"]), len(files), supporting)
    if not 0 <= cast("int", content.get("minimum", 0)) <= cast("int", content["size"]):
        raise ValueError("a minimum index outside the log")
    parts = {**content, "scope": Scope(**scope), "supporting": tuple(supporting)}  # type: ignore[arg-type]
    return Manifest(**parts)  # type: ignore[arg-type]  # the types were checked above


def _refuse_unfounded(size: int, files: int, supporting: list[Json]) -> None:
    """A tree that no number of files could hold must not cost the verifier time or memory."""
    if not 0 <= size <= SIZE_CAP or not all(0 <= cast("int", n) < SIZE_CAP for n in supporting):
        raise ValueError("no log is that large")
    if size > 0 and files == 0:
        raise ValueError("a tree without a file")
