"""The rule pack that is in use, as this process has it: looked up for each request, loaded once.

What the database says is in use and what this process can load must be the same to the byte.
Where they are not, nothing can be disclosed; another pack then only says who may do what, so that
notes can still be read and written. Law: OSL 8 kap. 1 §
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Literal

from app.records.pack_activation import noted_hash, pack_hash_in_use
from app.records.rule_pack import PackUnreadable, kept_pack
from app.records.store import Store
from app.records.transaction import Transaction
from policies import Law, PackError, load_contents
from policies.scenarios import Cases, cases_in, packaged_cases

TRIED_AGAIN_AFTER = timedelta(seconds=10)
"""A pack that could not be loaded is not tried again at every request."""

MOST_REMEMBERED = 8
"""Packs of earlier days that a process keeps at hand to explain old decisions with."""

Why = Literal["", "none", "untold", "missing", "damaged"]


@dataclass(frozen=True)
class LawInUse:
    """The law of one request."""

    law: Law
    """Where `why` says something: the pack that comes with the software, for roles and words."""
    why: Why = ""
    """Why nothing can be disclosed: no pack is activated, the log does not tell that this one was,
    it is not kept, or what is kept is not what its hash says."""

    @property
    def usable(self) -> bool:
        """Whether the law can be asked about a disclosure."""
        return not self.why


class ActiveLaw:
    """Finds the pack in use. Shared by a process's threads."""

    def __init__(
        self,
        store: Store,
        packaged: Law,
        *,
        prepare: Callable[[Law], Law] = lambda law: law,
        tell: Callable[[str], object] = lambda _sentence: None,
    ) -> None:
        """`prepare` is done once to each pack that is loaded; `tell` is told of each that cannot
        be, for the technician."""
        self._store, self._prepare, self._tell = store, prepare, tell
        self.packaged = prepare(packaged)
        self._lock = Lock()
        self._of_days: dict[str, Law | None] = {}
        self._cases: dict[str, Cases] = {}
        self._hash: str | None = None
        self._found = LawInUse(self.packaged, "none")
        self._tried = datetime.min.replace(tzinfo=UTC)

    @property
    def latest(self) -> LawInUse:
        """What was found last. No query; `now` is what a request begins with."""
        return self._found

    def now(self, at: datetime, *, known: str | None = None) -> LawInUse:
        """The law in use at this moment. One query by key, and no more unless it has changed.

        `known` is the hash of the pack in use, where that has just been asked.
        """
        active = known
        if active is None:
            with self._store.look(at=at) as tx:
                active = noted_hash(tx)
        if self._stands(active, at):
            return self._found
        with self._lock:
            if not self._stands(active, at):
                found = self._load(active, at)
                self._hash, self._tried = active, at
                self._found = found
        return self._found

    def of_day(self, sha256: str, at: datetime) -> Law | None:
        """The pack that a decision was made by, to explain it with; None if it cannot be read."""
        for law in (self._found.law, self.packaged):
            if law.sha256 == sha256:
                return law
        with self._lock:
            if sha256 not in self._of_days:
                while len(self._of_days) >= MOST_REMEMBERED:
                    del self._of_days[next(iter(self._of_days))]
                found = load_kept(self._store, sha256, at=at)
                self._of_days[sha256] = found if isinstance(found, Law) else None
            return self._of_days[sha256]

    def cases_of(self, sha256: str, at: datetime) -> Cases:
        """The cases that a pack brings with it, none where they cannot be read. Read once."""
        if sha256 == self.packaged.sha256:
            return packaged_cases()
        with self._lock:
            if sha256 not in self._cases:
                while len(self._cases) >= MOST_REMEMBERED:
                    del self._cases[next(iter(self._cases))]
                self._cases[sha256] = _kept_cases(self._store, sha256, at=at)
            return self._cases[sha256]

    def _stands(self, active: str | None, at: datetime) -> bool:
        if active != self._hash:
            return False
        if self._found.usable:
            return True
        return at - self._tried < TRIED_AGAIN_AFTER

    def _load(self, active: str | None, at: datetime) -> LawInUse:
        if active is None:
            return LawInUse(self.packaged, "none")
        with self._store.look(at=at) as tx:
            told = pack_hash_in_use(tx)
        if told != active:
            self._tell(
                f"the rule pack {active} stands as the one in use, and the log does not tell that "
                "it was activated, so nothing can be disclosed; the database has been changed"
            )
            return LawInUse(self.packaged, "untold")
        if active == self.packaged.sha256:
            return LawInUse(self.packaged)
        outcome = load_kept(self._store, active, at=at)
        if isinstance(outcome, Law):
            return LawInUse(self._prepare(outcome))
        self._tell(
            f"the active rule pack {active} is {outcome} in the database, so nothing can be "
            "disclosed; bring back its files and run `sluss pack restore FOLDER`"
        )
        return LawInUse(self.packaged, outcome)


def _kept_cases(store: Store, sha256: str, *, at: datetime) -> Cases:
    try:
        with store.look(at=at) as tx:
            return cases_in(kept_pack(tx, sha256) or {})
    except (PackUnreadable, PackError):
        return Cases((), ())


def load_kept(store: Store, sha256: str, *, at: datetime) -> Law | Literal["missing", "damaged"]:
    """A kept pack, if it is what its hash says."""
    with store.look(at=at) as tx:
        return kept_law(tx, sha256)


def kept_law(tx: Transaction, sha256: str) -> Law | Literal["missing", "damaged"]:
    """The same within a transaction."""
    try:
        contents = kept_pack(tx, sha256)
        if contents is None:
            return "missing"
        law = load_contents(contents)
    except (PackUnreadable, PackError):
        return "damaged"
    return law if law.sha256 == sha256 else "damaged"
