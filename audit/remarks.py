"""What the entries of an export say against each other: a wrong that was done, and told truly.

The log is whole and every row is as its entry has it, so nothing is tampered with and the verdict
stands. Whoever reads the export must still be told, and is, with the entry concerned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from audit.report import Remark
from audit.tables import Told

_OFFSETS = (timedelta(hours=1), timedelta(hours=2))
"""Sweden's time, in winter and in summer: a day is outside a period only if it is by both."""


@dataclass
class Remarks:
    """Takes each entry of the scope as it goes by."""

    found: list[Remark] = field(default_factory=list)
    _lasting: dict[str, tuple[str, str]] = field(default_factory=dict)
    _withdrawn: set[str] = field(default_factory=set)

    def take(self, told: Told) -> None:
        """One entry. Of what is withheld or erased nothing can be said."""
        about, detail = told.values.get("object", {}), told.values.get("detail", {})
        op = told.entry.op
        if told.entry.res != "allow":
            return
        if op == "consent.recorded" and {"from", "until"} <= detail.keys():
            self._lasting[str(about.get("consent"))] = str(detail["from"]), str(detail["until"])
        if op == "consent.withdrawn":
            self._withdrawn.add(str(about.get("consent")))
        consents = detail.get("consents")
        if op == "note.disclosed" and isinstance(consents, list):
            for one in consents:
                self._disclosed(told, str(one))

    def _disclosed(self, told: Told, consent: str) -> None:
        if consent in self._withdrawn:
            self._add(told, f"it rests on consent {consent}, which was withdrawn before it")
        first, last = self._lasting.get(consent, ("", ""))
        at = datetime.fromtimestamp(told.made / 1000, UTC)
        days = [(at + offset).date().isoformat() for offset in _OFFSETS]
        if first and not any(first <= day <= last for day in days):
            self._add(told, f"it rests on consent {consent}, which did not last then")

    def _add(self, told: Told, message: str) -> None:
        self.found.append(Remark("consent-did-not-hold", told.entry.n, message))
