"""The index of entries held against the log: what each row should say, and where it does not.

Searches, rounds, signals, extracts and incident packs choose by the index, which no signature
covers. So the stretch that they choose from is read out of the log, entry by entry, with the keys
that the installation has. What an entry no longer says, because that has been erased by decision,
is taken from the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.flows.as_logged import as_logged
from app.flows.erasures import Erasures
from app.flows.follow_log import whole_entry
from app.flows.open_details import open_detail
from app.flows.sealing import open_case_key
from app.keys import CaseKey, Ring, Rings, case_of_key_id
from app.records.audit_log import details_at
from app.records.audit_view import SeenEntry
from app.records.export_rows import cases_by_id
from app.records.log_beside_index import Chosen, Pair, beyond, pairs
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Entry, Field, OpenedDetail, commitment
from audit.log import DetailRow
from audit.pruning import PRUNED

_TOLD: tuple[Field, ...] = ("actor", "object")
"""The parts of an entry that the index tells something of: who, and in which case."""
_MOST_KEYS = 2_000
"""Case keys in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One place of the log, with what the index should say of it and what it says."""

    n: int
    said: SeenEntry | None
    """None where the log has no entry that can be read: nothing should be in the index."""
    kept: SeenEntry | None
    broken: bool = False
    """The entry, or a part of it that the index tells of, is not as it was written."""
    unsaid: frozenset[Field] = frozenset()
    """Parts that are gone by decision, of which the index alone still says something."""
    receipt: bool = False
    """Another organisation's, which registered what was disclosed to it: what stands open in it."""

    @property
    def alike(self) -> bool:
        """Whether the index says what the log says."""
        return not self.broken and self.said == self.kept

    def is_of(self, organisation_id: str) -> bool:
        """Whether the log or the index says that it is theirs, or neither says whose."""
        both = [one.organisation_id for one in (self.said, self.kept) if one is not None]
        return not both or organisation_id in both


class IndexReader:
    """Reads both within one transaction."""

    def __init__(
        self, tx: Transaction, rings: Rings, erasing: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        """`erasing` are the erasure entries of each organisation, where the index is not to be
        asked for them."""
        self._tx, self._rings, self._erasing = tx, rings, erasing
        self._keys: dict[str, CaseKey] = {}
        self._erasures: dict[str, Erasures] = {}

    def held(self, start: int, stop: int, chosen: Chosen) -> Iterator[Held]:
        """Places with start <= n < stop in order, those that either side says are chosen."""
        for batch in pairs(self._tx, start, stop, chosen):
            read = {pair.n: _entry(pair) for pair in batch}
            own = {
                n
                for n, entry in read.items()
                if entry is not None and chosen.organisation_id in (None, entry.org)
            }
            details = details_at(self._tx, sorted(own))
            self._learn_keys(read, details)
            for pair in batch:
                yield self._held(pair, read[pair.n], details.get(pair.n, {}), own=pair.n in own)

    def beyond(self, size: int) -> Iterator[Held]:
        """Rows after the end of the log, of which none should be there."""
        for pair in beyond(self._tx, size):
            yield self._held(pair, None, {}, own=False)

    def _held(
        self, pair: Pair, entry: Entry | None, sealed: Mapping[Field, DetailRow], *, own: bool
    ) -> Held:
        if entry is None:
            # Of a pruned entry there is no row in the index, and nothing is wrong with that.
            broken = pair.leaf is not None and pair.leaf.entry != PRUNED
            return Held(n=pair.n, said=None, kept=pair.kept, broken=broken)
        values, gone, broken = self._values(entry, sealed) if own else ({}, frozenset(), False)
        return Held(
            n=pair.n,
            said=as_logged(pair.kept or _blank(entry), entry, values),
            kept=pair.kept,
            broken=broken,
            unsaid=gone,
        )

    def _values(
        self, entry: Entry, sealed: Mapping[Field, DetailRow]
    ) -> tuple[dict[Field, Mapping[str, Json]], frozenset[Field], bool]:
        """Those of the told parts that open; those gone by decision; whether one is wrong."""
        ring = self._rings.current(entry.org)
        values: dict[Field, Mapping[str, Json]] = {}
        for name in _TOLD:
            opened = open_detail(sealed[name], ring, self._keys) if name in sealed else None
            if not isinstance(opened, OpenedDetail):
                continue
            if commitment(name, opened) == entry.commitment(name):
                values[name] = opened.value()
        lacking = set(_TOLD) - values.keys()
        gone = self._gone(ring, entry.n, lacking - sealed.keys())
        return values, gone, bool(lacking - gone)

    def _gone(self, ring: Ring, n: int, lacking: set[Field]) -> frozenset[Field]:
        if not lacking:
            return frozenset()
        where = ring.organisation_id
        if where not in self._erasures:
            told = None if self._erasing is None else self._erasing.get(where, ())
            self._erasures[where] = Erasures(self._tx, ring, told)
        return self._erasures[where].told(n, lacking)

    def _learn_keys(
        self,
        read: Mapping[int, Entry | None],
        details: Mapping[int, Mapping[Field, DetailRow]],
    ) -> None:
        """The keys of the cases that the entries are sealed under. One query an organisation."""
        if len(self._keys) > _MOST_KEYS:
            self._keys.clear()
        wanted: dict[str, set[str]] = {}
        for n, parts in details.items():
            entry, part = read[n], parts.get("object")
            unknown = part is not None and part.key_id not in self._keys
            case_id = case_of_key_id(part.key_id) if part and unknown else None
            if entry is not None and case_id is not None:
                wanted.setdefault(entry.org, set()).add(case_id)
        for organisation_id, case_ids in wanted.items():
            ids = sorted(case_ids)
            found = cases_by_id(self._tx, organisation_id=organisation_id, case_ids=ids)
            for key in (open_case_key(self._rings, one.key) for one in found.values()):
                self._keys[key.key_id] = key


def _entry(pair: Pair) -> Entry | None:
    return None if pair.leaf is None or pair.leaf.entry == PRUNED else whole_entry(pair.leaf)


def _blank(entry: Entry) -> SeenEntry:
    """What stands open in an entry that the index has no row of."""
    return SeenEntry(
        n=entry.n,
        id=entry.id,
        organisation_id=entry.org,
        case_id=None,
        staff_id=None,
        op=entry.op,
        res=entry.res,
        at=datetime.fromisoformat(entry.t),
    )
