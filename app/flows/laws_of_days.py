"""The rule packs that old decisions were made by, to name what they rest on with."""

from __future__ import annotations

from app.flows.active_law import kept_law
from app.records.transaction import Transaction
from policies import Law


class LawsOfDays:
    """Finds the pack of each decision within one transaction. Each is loaded once."""

    def __init__(self, tx: Transaction, law: Law) -> None:
        """`law` is in use, and names the rules where the pack of the day cannot be read."""
        self._tx, self._in_use = tx, law
        self._found: dict[str, Law] = {law.sha256: law}

    def of(self, sha256: str) -> Law:
        """The pack with this hash. One query the first time."""
        if sha256 not in self._found:
            kept = kept_law(self._tx, sha256)
            self._found[sha256] = kept if isinstance(kept, Law) else self._in_use
        return self._found[sha256]
