"""What a comparison of two packs found, as it is kept with the proposal and shown to people."""

from __future__ import annotations

import zlib

import msgspec

from policies import Law
from policies.compare import Comparison, compare, unexplained_widenings
from policies.pack import Change

LARGEST_BYTES = 32 * 1024 * 1024


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """The cells that change, why, and the names that the packs have for what they speak of."""

    comparison: Comparison
    unexplained: tuple[str, ...]
    """Rules that let out more without a reviewed reason in `CHANGES.toml`."""
    reasons: tuple[Change, ...]
    """The reasons that the new pack gives for its own version."""
    titles: dict[str, tuple[str, str]]
    """Rule id -> its title in Swedish and English, from the pack that has it."""
    kinds: dict[str, tuple[str, str]]
    """Kind of organisation -> its name in Swedish and English."""


def find(old: Law, new: Law) -> Findings:
    """Compare two packs. Takes seconds of reckoning; hold no transaction meanwhile."""
    comparison = compare(old, new)
    left = unexplained_widenings(comparison, new)
    named = {name for cell in comparison.cells for name in cell.rules}
    rules = {**old.rules, **new.rules}
    kinds = {**old.vocabulary.kinds, **new.vocabulary.kinds}
    return Findings(
        comparison=comparison,
        unexplained=tuple(sorted({name for cell in left for name in cell.rules})),
        reasons=tuple(one for one in new.changes if one.version == new.version),
        titles={name: (rules[name].sv, rules[name].en) for name in sorted(named) if name in rules},
        kinds={code: (kind.sv, kind.en) for code, kind in kinds.items()},
    )


def packed(findings: Findings) -> bytes:
    """As bytes to keep."""
    return zlib.compress(msgspec.json.encode(findings), 6)


def unpacked(kept: bytes) -> Findings | None:
    """Out of kept bytes; None where they are no findings."""
    try:
        plain = zlib.decompressobj().decompress(kept, LARGEST_BYTES)
        return msgspec.json.decode(plain, type=Findings)
    except (zlib.error, msgspec.MsgspecError):
        return None
