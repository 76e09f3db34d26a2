"""An example in words: what is so at a point, and what the stricter pack says there.

Sentences are the conditions' own. What nobody needs to have said is not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from policies.boxes import Box, within
from policies.pack import Condition, Rule
from policies.worlds import Side, Worlds, bits

if TYPE_CHECKING:
    from policies.cells import Lock, Opening

_WORDS = {
    "sv": {"statement": "bedömningen blir att {}", "not": "det är inte så att {}",
           "none": "ingen regel öppnar den", "silent": "sekretesstabellen är tyst"},
    "en": {"statement": "the assessment concludes that {}", "not": "it is not so that {}",
           "none": "no rule opens it", "silent": "the secrecy table is silent"},
}  # fmt: skip


class Told(NamedTuple):
    """An example as sentences: what is so, and what the stricter pack says; in both languages."""

    sv: tuple[str, ...]
    en: tuple[str, ...]
    stricter_sv: tuple[str, ...]
    stricter_en: tuple[str, ...]


Literal = tuple[Condition, bool]


def tell(
    worlds: Worlds, opening: Opening, loose: Lock, strict: Lock, point: Box, *, widens: bool
) -> Told:
    """The example at a point where `opening` lets out what `strict` keeps in."""
    loose_side, strict_side = _sides(worlds, widens=widens)
    given = _given(loose_side, _asked(loose_side, opening, loose), point)
    given += [one for one in _met(strict_side, strict, point) if not _said(one, given)]
    unmet, rules = _stricter(strict_side, opening, strict, point)
    return told(given, unmet, rules)


def told(given: list[Literal], unmet: list[Literal], rules: Iterable[Rule]) -> Told:
    """The sentences of literals, and the titles of rules, in both languages."""
    titles = list(rules)
    out = []
    for lang in ("sv", "en"):
        barred = [_sentence(one, lang) for one in unmet] + [getattr(r, lang) for r in titles]
        out.append(
            (tuple(_sentence(one, lang) for one in given), tuple(barred or [_WORDS[lang]["none"]]))
        )
    return Told(out[0][0], out[1][0], out[0][1], out[1][1])


def _sides(worlds: Worlds, *, widens: bool) -> tuple[Side, Side]:
    return (worlds.new, worlds.old) if widens else (worlds.old, worlds.new)


def _sentence(literal: Literal, lang: str) -> str:
    condition, value = literal
    words = _WORDS[lang]
    text = condition.sv if lang == "sv" else condition.en
    if condition.source == "statement":
        text = words["statement"].format(text)
    return text if value else words["not"].format(text)


def _said(one: Literal, given: list[Literal]) -> bool:
    return any(one[0].name == other[0].name for other in given)


def literals(side: Side, mask: int, point: Box, *, value: bool) -> list[Literal]:
    """The conditions of a mask that are for certain so, or not so, at a point."""
    out = []
    for bit in bits(mask):
        answers = point.get(side.place[bit])
        if answers is None:
            continue
        certain = not answers & ~side.yes[bit] if value else not answers & side.maybe[bit]
        if certain:
            out.append((side.condition(bit), value))
    return out


def _asked(side: Side, opening: Opening, lock: Lock) -> list[tuple[int, bool]]:
    """What rules ask, what matters most first: the ground's needs, cures, then exclusions."""
    mask = side.snapshot.condition_mask
    bars = [rule for rule, _ in (*opening.strikes, *lock.stops)]
    cures = sum_masks(mask(rule.none) | mask(rule.unless) for rule in bars)
    needs = sum_masks(mask(rule.all) for rule in bars)
    if opening.rule is None:
        return [(cures, True), (needs, False)]
    all_, none = mask(opening.rule.all), mask(opening.rule.none)
    return [(all_, True), (none, False), (cures, True), (needs, False)]


def sum_masks(masks: Iterable[int]) -> int:
    """All the bits of all of them."""
    out = 0
    for mask in masks:
        out |= mask
    return out


def _given(side: Side, asked: list[tuple[int, bool]], point: Box) -> list[Literal]:
    """One group of facts is told once, by the first that asks about it."""
    out: list[Literal] = []
    told_of: set[int] = set()
    for mask, value in asked:
        fresh = sum(bit for bit in bits(mask) if side.place[bit] not in told_of)
        found = literals(side, fresh, point, value=value)
        out += found
        told_of |= {side.place[side.snapshot.bits[c.name]] for c, _ in found}
    return out


def _met(side: Side, lock: Lock, point: Box) -> list[Literal]:
    """What makes the stricter pack's prohibitions fire there."""
    out: list[Literal] = []
    for rule, box in lock.stops:
        if within(point, box):
            out += literals(side, side.snapshot.condition_mask(rule.all), point, value=True)
    return out


def _stricter(
    side: Side, opening: Opening, lock: Lock, point: Box
) -> tuple[list[Literal], list[Rule]]:
    """What the same ground asks there and is not so; else what rules it out."""
    stops = [rule for rule, box in lock.stops if within(point, box)]
    if stops:
        return [], stops
    for other in lock.openings:
        if other.rule and opening.rule and other.rule.version_of == opening.rule.version_of:
            mask = side.snapshot.condition_mask
            unmet = [
                *(
                    (side.condition(bit), True)
                    for bit in bits(mask(other.rule.all))
                    if point.get(side.place[bit], -1) & ~side.yes[bit]
                ),
                *(
                    (side.condition(bit), False)
                    for bit in bits(mask(other.rule.none))
                    if point.get(side.place[bit], -1) & side.maybe[bit]
                ),
            ]
            return unmet, [rule for rule, box in other.strikes if within(point, box)]
    return [], []
