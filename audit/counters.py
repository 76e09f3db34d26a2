"""Gapless counters: why nothing inside an export's scope can have been left out.

Every entry has its organisation's counter in clear. An entry on a case has the case's counter in
its object commitment. Between two neighbours in a counter nothing can lie; so a scope is complete
when its counters have no gap inside it and reach to both its ends.

By age a case loses its first entries, and which of the log's they were can then no longer be shown.
An entry on the case itself says up to which number; from there on nothing can be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.canonical import Json
from audit.entry import Entry
from audit.manifest import Scope
from audit.pruning import Prunings
from audit.report import Findings


@dataclass
class _Last:
    """The latest member of a counter: its index, its number, and objects unseen until then."""

    n: int = -1
    k: int = 0
    unseen: int = 0


@dataclass(frozen=True)
class _Gap:
    """Entries from `first` up to `stop`: between them the counter goes from `before` to `k`."""

    first: int
    stop: int
    before: int
    k: int
    slack: int
    own: bool
    message: str


@dataclass
class Counters:
    """The counters met so far, held against the scope."""

    scope: Scope
    findings: Findings
    partial: bool = False
    """Begun in the middle of the log: what came before is judged in `absorb`, by who knows it."""
    _firsts: list[tuple[str, bool, _Last]] = field(default_factory=list)
    _organisations: dict[str, _Last] = field(default_factory=dict)
    _cases: dict[str, _Last] = field(default_factory=dict)
    _least: dict[str, int] = field(default_factory=dict)
    """The lowest number of each case that was seen."""
    _gone: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Up to which number each case's entries are told to be gone, and by which entry."""
    _gaps: list[_Gap] = field(default_factory=list)
    _unseen: int = 0
    _farthest: int = -1

    def take(self, entry: Entry, value: Mapping[str, Json] | None) -> None:
        """One entry whose hash holds; `value` is its object, None if it was not opened."""
        kind, of = self.scope.kind, self.scope.of
        if kind == "whole" or (kind == "organisation" and entry.org == of):
            last = self._organisations.get(entry.org)
            if last is None and self.partial:
                self._firsts.append((entry.org, False, _Last(entry.n, entry.ko)))
            else:
                whose = f"organisation {entry.org}"
                self._step(last, entry.n, entry.ko, whose, own=kind != "whole")
            self._organisations[entry.org] = _Last(entry.n, entry.ko)
            if kind != "whole":
                self._farthest = max(self._farthest, entry.n)
        if value is None:
            # In the scope of one case no object that is unseen explains a gap. Were one to, an
            # entry could be hidden by withholding it, or behind what was erased in another case.
            self._unseen += kind != "case"
            return
        case, k = value.get("case"), value.get("k")
        if isinstance(case, str) and isinstance(k, int) and (kind != "case" or case == of):
            last = self._cases.get(case)
            if last is None and self.partial:
                self._firsts.append((case, True, _Last(entry.n, k, self._unseen)))
            else:
                slack = self._unseen - (last.unseen if last else 0)
                self._step(last, entry.n, k, "a case", own=kind == "case", slack=slack)
            self._cases[case] = _Last(entry.n, k, self._unseen)
            self._least.setdefault(case, k)
            if kind == "case":
                self._farthest = max(self._farthest, entry.n)

    def tell_gone(self, case: str, counter: int, *, by: int) -> None:
        """What an entry of the case says of its own first numbers."""
        self._gone[case] = max(self._gone.get(case, (0, by)), (counter, by))

    def absorb(self, part: Counters) -> None:
        """Take in the counters of the stretch of a whole log that follows."""
        for name, of_case, first in part._firsts:
            last = (self._cases if of_case else self._organisations).get(name)
            unseen = self._unseen + first.unseen - (last.unseen if last else 0)
            whose = "a case" if of_case else f"organisation {name}"
            self._step(last, first.n, first.k, whose, own=False, slack=unseen if of_case else 0)
        self._organisations |= part._organisations
        for name, last in part._cases.items():
            self._cases[name] = _Last(last.n, last.k, self._unseen + last.unseen)
        self._least = part._least | self._least
        for name, (counter, by) in part._gone.items():
            self.tell_gone(name, counter, by=by)
        self._gaps += part._gaps
        self._unseen += part._unseen

    def finish(self, prunings: Prunings) -> None:
        """Report the gaps that nothing else explains, and a scope whose end is left open."""
        for case, (counter, by) in self._gone.items():
            if self._least.get(case, counter + 1) <= counter:
                message = f"it says that {counter} entries of a case are gone, and one is here"
                self.findings.add("edited", by, "detail", message)
        for gap in self._gaps:
            if not self._pruned(gap, prunings) and not self.findings.within(gap.first, gap.stop):
                self.findings.add("missing", gap.first, "counter", gap.message)
        if self.scope.kind != "whole" and self._farthest < self.scope.stop - 1:
            first = max(self._farthest + 1, self.scope.start)
            message = f"nothing shows that no entry of the {self.scope.kind} follows in the scope"
            self.findings.add("missing", first, "scope", message)

    def _pruned(self, gap: _Gap, prunings: Prunings) -> bool:
        """Whether pruning explains the gap. In an organisation's scope it is known to the number:

        a pruning entry counts what the organisation had below the minimum index, so that nothing
        from there on can be left out as if it had been pruned. So it is in a case's.
        """
        if self.scope.kind == "case":
            return gap.k - 1 <= self._gone.get(self.scope.of or "", (0, 0))[0]
        gone = prunings.count(gap.first, gap.stop) + gap.slack
        counted = prunings.counter(self.scope.of or "")
        if self.scope.kind == "organisation" and gap.own and gap.first < prunings.below <= gap.stop:
            return counted is not None and gap.k == counted + 1 and counted - gap.before <= gone
        return gap.k - gap.before - 1 <= gone

    def _step(
        self, last: _Last | None, n: int, k: int, whose: str, *, own: bool, slack: int = 0
    ) -> None:
        if last is None:
            # Before the start of a scope only the scope's own counter must be accounted for.
            if self.scope.start and not own:
                return
            last = _Last()
        gap = k - last.k - 1
        message = f"the counter of {whose} goes from {last.k} to {k}"
        if gap < 0:
            if not self.findings.kinds() & {"reordered", "double-written"}:
                self.findings.add("reordered", n, "counter", message)
        elif gap > slack and last.n < self.scope.stop - 1 and n > self.scope.start:
            self._gaps.append(
                _Gap(last.n + 1, n, last.k, k, slack, own, f"{message}: {gap} left out")
            )
