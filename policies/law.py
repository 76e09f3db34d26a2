"""A loaded pack: what the law is on each day, and the words for it.

`load` is the only way to get one, so whoever holds a `Law` holds one that passed every check.
"""

from __future__ import annotations

import copy
import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from policies.check_rules import check_rules, opened_codes
from policies.check_secrecy import check_secrecy
from policies.check_vocabulary import (
    check_cites,
    check_conditions,
    check_dates,
    check_roles,
    check_texts,
    check_unique,
)
from policies.errors import PackError, Problem
from policies.facts import Facts, Party
from policies.pack import (
    Act,
    Category,
    Caution,
    Change,
    Condition,
    Crime,
    Kind,
    Manifest,
    Parameter,
    ReceiverRow,
    Role,
    Rule,
    SecrecyRow,
    SourceText,
    Term,
)
from policies.reading import Draft, read, read_contents
from policies.references import Names, names_of
from policies.selectors import expand
from policies.snapshot import Snapshot
from policies.vocabulary import Tables

Lang = Literal["sv", "en"]

ENGINE = "1.0"
"""Recorded in every decision. The part before the dot is what `pack.toml` asks for."""


class Adviser(Protocol):
    """Another engine that reads the same pack, for a second opinion where something leaves."""

    @property
    def engine(self) -> str:
        """Its name and version, for the record."""

    def lets_out(self, facts: Mapping[str, Facts]) -> bool:
        """Whether it too lets a note out, for every described person. May raise anything."""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The codes of a pack, each in file order, by code."""

    kinds: dict[str, Kind]
    categories: dict[str, Category]
    purposes: dict[str, Term]
    contact_kinds: dict[str, Term]
    actors: dict[str, Term]
    cautions: dict[str, Caution]
    conditions: dict[str, Condition]
    """Their order gives the bits of the masks in a decision."""
    crimes: dict[str, Crime]
    """The latest dated row of each crime, for names; scales are looked up by day."""
    roles: dict[str, Role]
    acts: dict[str, Act]
    sha256: str
    """Over the conditions in order, so that stored masks are read with the right bits."""

    def categories_of(self, kind: str) -> tuple[Category, ...]:
        """The categories that an organisation of this kind can hold."""
        found = self.categories.values()
        return tuple(c for c in found if kind in c.holders or "*" in c.holders)

    def statements(self) -> tuple[Condition, ...]:
        """The assessments that the law leaves to a person."""
        return tuple(c for c in self.conditions.values() if c.source == "statement")


class Law:
    """What the law answers from. Immutable; snapshots are made once per span of days."""

    def __init__(self, draft: Draft, names: Names, manifest: Manifest, sha256: str) -> None:
        self.id = manifest.id
        self.version = manifest.version
        self.manifest = manifest
        self.sha256 = sha256
        self._draft = draft
        self.vocabulary = _vocabulary(draft)
        self.rules: dict[str, Rule] = {
            rule.id: rule for rule in sorted(draft.values("rule", Rule), key=lambda r: r.id)
        }
        self.secrecy: tuple[SecrecyRow, ...] = draft.values("secrecy", SecrecyRow)
        self.receivers: tuple[ReceiverRow, ...] = draft.values("receiver", ReceiverRow)
        self.changes: tuple[Change, ...] = draft.values("change", Change)
        self.sources: dict[str, SourceText] = dict(names.sources)
        self._parameters = draft.values("parameter", Parameter)
        self._crimes = draft.values("crime", Crime)
        self._names: Names = names
        self._opened = {
            rule.id: opened_codes(rule, names.secrecy_codes, names.secrecy_sets)
            for rule in self.rules.values()
        }
        self._edges = self._find_edges()
        self._snapshots: dict[int, Snapshot] = {}
        self.told: dict[tuple[int, Lang], tuple[object, object]] = {}
        """Decisions already put into words; filled and read by `explain.py` alone."""
        self.adviser: Adviser | None = None
        """Asked where something leaves. None only where an installation has chosen so."""

    def with_adviser(self, adviser: Adviser) -> Law:
        """The same law, with somebody else to ask before anything leaves."""
        seconded = copy.copy(self)
        seconded.adviser = adviser
        return seconded

    def unchecked(self, draft: Draft, changed: str) -> Law:
        """A copy of this law in which one rule is wrong, for trying scenarios against.

        Nothing else may use what was not checked. What the other rules open is not worked out anew.
        """
        other = Law.__new__(Law)
        other.__dict__.update(self.__dict__, rules_sha256="", _snapshots={}, _draft=draft, told={})
        other.rules = {rule.id: rule for rule in draft.values("rule", Rule)}
        other.secrecy = draft.values("secrecy", SecrecyRow)
        other._parameters = draft.values("parameter", Parameter)
        if changed in other.rules:
            codes, sets = self._names.secrecy_codes, self._names.secrecy_sets
            other._opened = self._opened | {
                changed: opened_codes(other.rules[changed], codes, sets)
            }
        other._edges = other._find_edges()
        return other

    @cached_property
    def rules_sha256(self) -> str:
        """Over what the files mean: a comment or a moved table does not change it."""
        return _hash_of_meaning(self._draft)

    def snapshot(self, on: date) -> Snapshot:
        """The law as it stands on a day; the same object for every day between two changes."""
        span = bisect_right(self._edges, on)
        found = self._snapshots.get(span)
        if found is None:
            found = self._snapshots[span] = self._build(on)
        return found

    def edges(self) -> tuple[date, ...]:
        """The days on which something in the pack begins, or has just ended."""
        return tuple(self._edges)

    @property
    def kind_sets(self) -> Mapping[str, tuple[str, ...]]:
        """Named sets of kinds, by name."""
        return self._names.kind_sets

    def in_force(self, on: date) -> tuple[Rule, ...]:
        """The rules in force on a day, by id."""
        return tuple(rule for rule in self.rules.values() if _holds(rule, on))

    def is_authority(self, kind: str, on: date) -> bool:
        """Whether an organisation of this kind counts as an authority under OSL on the day.

        Law: OSL 2 kap. 1 och 3 a §§
        """
        found = self.vocabulary.kinds[kind]
        return found.authority and (found.authority_from is None or on >= found.authority_from)

    def doubts_about(self, party: Party, on: date) -> tuple[str, ...]:
        """The cautions of counting an organisation as an authority, where a date made it one."""
        kind = self.vocabulary.kinds.get(party.kind)
        if kind is None or not kind.cautions or party.is_authority != "yes":
            return ()
        return kind.cautions if self.is_authority(party.kind, on) else ()

    def kinds_in(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        """The kinds that a rule's `from` or `to` names, sets and `*` written out."""
        if "*" in listed:
            return tuple(self.vocabulary.kinds)
        named = expand(listed, self._names.kind_sets)
        return tuple(kind for kind in self.vocabulary.kinds if kind in named)

    @property
    def secrecy_sets(self) -> Mapping[str, Sequence[str]]:
        """The named lists of secrecy rules that rules refer to as `set:NAME`."""
        return self._names.secrecy_sets

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every dated number."""
        return self._parameters

    @property
    def crimes(self) -> tuple[Crime, ...]:
        """Every dated scale of penalties."""
        return self._crimes

    def text(self, name: str, lang: Lang) -> str:
        """The sentence of a condition or the title of a rule."""
        found: Condition | Rule | None = self.vocabulary.conditions.get(name)
        found = found or self.rules.get(name)
        if found is None:
            raise KeyError(f"the pack {self.id} has no condition or rule {name!r}")
        return found.sv if lang == "sv" else found.en

    def _find_edges(self) -> list[date]:
        edges: set[date] = set()
        for table in (
            self.rules.values(),
            self.secrecy,
            self.receivers,
            self._parameters,
            self._crimes,
        ):
            for dated in table:
                edges.add(dated.valid_from)
                if dated.valid_to is not None and dated.valid_to < date.max:
                    edges.add(dated.valid_to + timedelta(days=1))
        return sorted(edges)

    def _build(self, on: date) -> Snapshot:
        parameters = {p.name: p.value for p in self._parameters if _holds(p, on)}
        crimes = {c.code: c for c in self._crimes if _holds(c, on)}
        return Snapshot(
            conditions=tuple(self.vocabulary.conditions.values()),
            rules=self.in_force(on),
            opened=self._opened,
            names=self._names,
            secrecy=tuple(row for row in self.secrecy if _holds(row, on)),
            receivers=tuple(row for row in self.receivers if _holds(row, on)),
            tables=Tables(crimes, parameters),
        )


def _holds(dated: Rule | SecrecyRow | ReceiverRow | Parameter | Crime, on: date) -> bool:
    return dated.valid_from <= on and (dated.valid_to is None or on <= dated.valid_to)


def load(folder: Path | None = None) -> Law:
    """Read, check and compile a pack; without a folder, the one that comes with the package.

    Raises `PackError` with every problem found. Nothing of a pack with a problem can be used.
    """
    return checked(*read(folder or Path(__file__).parent))


def load_contents(contents: Mapping[str, bytes]) -> Law:
    """As `load`, from a pack that has been kept: path in the pack -> bytes.

    Raises `PackError`.
    """
    return checked(*read_contents(contents))


def checked(draft: Draft, sha256: str) -> Law:
    """The law in a pack that has been read, once it has passed every check."""
    names = names_of(draft)
    check_unique(draft)
    check_texts(draft)
    check_cites(draft, names)
    check_dates(draft)
    check_conditions(draft, names)
    check_secrecy(draft, names)
    check_roles(draft)
    check_rules(draft, names)
    _check_manifest(draft)
    if draft.problems or draft.manifest is None:
        raise PackError(draft.problems)
    return Law(draft, names, draft.manifest, sha256)


def _check_manifest(draft: Draft) -> None:
    manifest = draft.manifest
    if manifest is None:
        return
    major = ENGINE.partition(".")[0]
    if manifest.engine != major:
        message = f"asks for engine {manifest.engine!r}; this is engine {major!r}"
        draft.problems.append(Problem("pack.toml", 0, message))
    for lang in ("sv", "en"):
        if lang not in manifest.languages:
            message = f"languages lacks {lang!r}; every text is in both"
            draft.problems.append(Problem("pack.toml", 0, message))


def _vocabulary(draft: Draft) -> Vocabulary:
    conditions = {c.name: c for c in draft.values("condition", Condition)}
    crimes = sorted(draft.values("crime", Crime), key=lambda c: c.valid_from)
    return Vocabulary(
        kinds={k.code: k for k in draft.values("kind", Kind)},
        categories={c.code: c for c in draft.values("category", Category)},
        purposes={t.code: t for t in draft.values("purpose", Term)},
        contact_kinds={t.code: t for t in draft.values("contact_kind", Term)},
        actors={t.code: t for t in draft.values("actor", Term)},
        cautions={c.id: c for c in draft.values("caution", Caution)},
        conditions=conditions,
        crimes={c.code: c for c in crimes},
        roles={r.code: r for r in draft.values("role", Role)},
        acts={a.code: a for a in draft.values("act", Act)},
        sha256=hashlib.sha256(_canonical(list(conditions.values()))).hexdigest(),
    )


def _hash_of_meaning(draft: Draft) -> str:
    """SHA-256 over canonical JSON of everything decoded: comments and layout do not count.

    Tables are sorted, because their order means nothing, but for conditions, which give the bits.
    """
    tables: dict[str, list[object]] = {}
    for entry in draft.all_entries():
        if entry.table == "change":
            # A reason explains a change; it makes none.
            continue
        tables.setdefault(entry.table, []).append(msgspec.to_builtins(entry.value))
    for table, rows in tables.items():
        if table != "condition":
            rows.sort(key=_canonical)
    return hashlib.sha256(_canonical(tables)).hexdigest()


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")
