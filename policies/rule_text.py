"""A rule as a lawyer reads it: conditions as sentences, what it opens, what stands in its way.

Words only, from the pack and from `rule_words.py`; the pages and `REVIEW.md` say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from policies.law import Lang, Law
from policies.pack import Cite, Effect, ReceiverRow, Rule, Scenario, SecrecyRow
from policies.rule_words import RULE_WORDS
from policies.scenarios import Cases, fired_by
from policies.selectors import expand, written_out

EFFECTS: tuple[Effect, ...] = (
    "duty_own",
    "duty_request",
    "permit",
    "consent",
    "harm_test",
    "strike",
    "stop",
)
"""In the order that one reads them: what commands, what allows, what forbids."""
T = TypeVar("T")


class Provision(msgspec.Struct, frozen=True, kw_only=True):
    """A provision as written in Sweden, and the act that gave it its wording."""

    text: str
    amended_by: str
    act: str


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. `kind` is who settles it: the system, an assessment, a consent ..."""

    text: str
    kind: str
    kind_words: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that shows the rule firing, or nearly."""

    id: str
    title: str


class Border(msgspec.Struct, frozen=True, kw_only=True):
    """A border case: in how many of its questions the rule applies, and in how many not."""

    id: str
    title: str
    fires: int
    misses: int


class RuleSheet(msgspec.Struct, frozen=True, kw_only=True):
    """One rule in words."""

    id: str
    version_of: str
    effect: Effect
    title: str
    plain: str
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    conditions: tuple[Sentence, ...]
    """All must hold; those that must not be so are worded so."""
    unless: tuple[Sentence, ...]
    """Any one of these removes the obstacle."""
    opens: tuple[str, ...]
    not_opens: tuple[str, ...]
    strikes: tuple[str, ...]
    secrecy: tuple[str, ...]
    """For an obstacle: the secrecy rules it is limited to; empty means all."""
    separate_channel: bool
    cites: tuple[Provision, ...]
    valid_from: date
    valid_to: date | None
    confidence: str
    cautions: tuple[str, ...]
    fires_in: tuple[Proof, ...]
    not_in: tuple[Proof, ...]
    borders: tuple[Border, ...]


class SecrecySheet(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the secrecy table in words."""

    holders: tuple[str, ...]
    holder_codes: tuple[str, ...]
    categories: tuple[str, ...]
    title: str
    presumption: str
    conditions: tuple[Sentence, ...]
    cites: tuple[Provision, ...]
    valid_from: date
    valid_to: date | None
    cautions: tuple[str, ...]


class ReceiverSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stays secret once it has come to a recipient."""

    kinds: tuple[str, ...]
    covers: tuple[str, ...]
    categories: tuple[str, ...]
    cites: tuple[Provision, ...]
    valid_from: date
    valid_to: date | None


def days_of_change(law: Law) -> tuple[date, ...]:
    """Every day on which something that the rules are read by changes, provisions with them."""
    cites = [cite for rule in law.rules.values() for cite in rule.cite]
    cites += [cite for row in law.secrecy for cite in row.cite]
    cited = {cite.amended_from for cite in cites if cite.amended_from}
    kinds = {kind.authority_from for kind in law.vocabulary.kinds.values() if kind.authority_from}
    return tuple(sorted({*law.edges(), *cited, *kinds}))


Shown = Mapping[str, tuple[list[Scenario], list[Scenario]]]
"""Rule id -> a scenario for each answer in which it must fire, and each in which it must not."""


class Proofs(msgspec.Struct, frozen=True):
    """What each rule is proved by."""

    told: Shown
    borders: Shown


def proofs_of(law: Law, cases: Cases) -> Proofs:
    """What each rule of a pack is proved by, in the cases of the pack.

    An id that names a family speaks of those of it that do fire, or do not, on those facts. What a
    border case says fails a rule may be the day, so there a rule need not be in force.
    """
    return Proofs(_shown(law, cases.scenarios), _shown(law, cases.borders, any_day=True))


def _shown(law: Law, scenarios: Iterable[Scenario], *, any_day: bool = False) -> Shown:
    found: dict[str, tuple[list[Scenario], list[Scenario]]] = {}
    for scenario in scenarios:
        for answer in scenario.answer:
            if not answer.fired and not answer.not_fired:
                continue
            does, held = fired_by(law, scenario, answer), law.in_force(answer.on)
            for n, names in enumerate((answer.fired, answer.not_fired)):
                for rule in (law.rules.values() if any_day else held) if names else ():
                    family = rule.version_of in names and rule in held
                    if (rule.id in names or family) and (rule.id in does) == (n == 0):
                        found.setdefault(rule.id, ([], []))[n].append(scenario)
    return found


def _borders(rule: Rule, shown: Shown, lang: Lang) -> tuple[Border, ...]:
    fires, misses = shown.get(rule.id, ([], []))
    every = {one.id: one for one in (*fires, *misses)}
    return tuple(
        Border(
            id=one.id,
            title=one.title_sv if lang == "sv" else one.title_en,
            fires=sum(other.id == one.id for other in fires),
            misses=sum(other.id == one.id for other in misses),
        )
        for one in every.values()
    )


def rule_sheet(law: Law, rule: Rule, lang: Lang, proofs: Proofs) -> RuleSheet:
    """One rule in words, `sv` or `en`."""
    teller = _Teller(law, lang)
    fires, not_in = proofs.told.get(rule.id, ([], []))
    return RuleSheet(
        id=rule.id,
        version_of=rule.version_of,
        effect=rule.effect,
        title=_in(lang, rule.sv, rule.en),
        plain=_in(lang, rule.explain_sv, rule.explain_en),
        senders=teller.kinds(rule.from_),
        recipients=teller.kinds(rule.to),
        conditions=teller.conditions(rule.all, rule.none),
        unless=teller.conditions(rule.unless, ()),
        opens=teller.selectors(rule.opens),
        not_opens=teller.selectors(rule.not_opens),
        strikes=teller.struck(rule.strikes),
        secrecy=teller.selectors(rule.secrecy),
        separate_channel=rule.separate_channel,
        cites=teller.provisions(rule.cite),
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        confidence=teller.words[f"confidence_{rule.confidence}"],
        cautions=teller.cautions(rule.cautions),
        fires_in=teller.proofs(fires),
        not_in=teller.proofs(not_in),
        borders=_borders(rule, proofs.borders, lang),
    )


def secrecy_sheet(law: Law, row: SecrecyRow, lang: Lang) -> SecrecySheet:
    """One row of the secrecy table in words."""
    teller = _Teller(law, lang)
    return SecrecySheet(
        holders=teller.kinds(row.holders),
        holder_codes=law.kinds_in(row.holders),
        categories=teller.categories(row.categories),
        title=_in(lang, row.sv, row.en),
        presumption=teller.words[f"presumption_{row.presumption}"],
        conditions=teller.conditions(row.all, row.none),
        cites=teller.provisions(row.cite),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        cautions=teller.cautions(row.cautions),
    )


def receiver_sheet(law: Law, row: ReceiverRow, lang: Lang) -> ReceiverSheet:
    """One row of what is secret at the recipient as well."""
    teller = _Teller(law, lang)
    return ReceiverSheet(
        kinds=teller.kinds(row.kinds),
        covers=teller.selectors(row.covers),
        categories=teller.categories(row.categories),
        cites=teller.provisions(row.cite),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _in(lang: Lang, sv: T, en: T) -> T:
    return sv if lang == "sv" else en


class _Teller:
    def __init__(self, law: Law, lang: Lang) -> None:
        self.law, self.lang = law, lang
        self.words = RULE_WORDS[lang]

    def kinds(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in listed:
            return (self.words["any_kind"],)
        kinds = self.law.vocabulary.kinds
        return tuple(getattr(kinds[code], self.lang) for code in self.law.kinds_in(listed))

    def categories(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in listed:
            return (self.words["any_category"],)
        known = self.law.vocabulary.categories
        return tuple(
            f"{getattr(known[code], self.lang)} ({code})" if code in known else code
            for code in listed
        )

    def conditions(self, needed: Sequence[str], barred: Sequence[str]) -> tuple[Sentence, ...]:
        return tuple(
            [self._condition(name, "{text}") for name in needed]
            + [self._condition(name, self.words["not"]) for name in barred]
        )

    def _condition(self, name: str, form: str) -> Sentence:
        condition = self.law.vocabulary.conditions[name]
        return Sentence(
            text=form.format(text=self.law.text(name, self.lang)),
            kind=condition.source,
            kind_words=self.words[f"source_{condition.source}"],
        )

    def selectors(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._selector(one) for one in expand(listed, self.law.secrecy_sets))

    def _selector(self, selector: str) -> str:
        if selector == "all":
            return self.words["all_secrecy"]
        if selector.startswith("chapter:"):
            act, _, span = selector.removeprefix("chapter:").rpartition(" ")
            first, _, last = span.partition("-")
            return f"{act} {first if first == last else f'{first}–{last}'} kap."
        act, _, at = selector.rpartition(" ")
        place, _, part = at.partition("/")
        words = f"{place} st {part.removeprefix('st')}" if part.startswith("st") else place
        return written_out(Cite(act=act, at=words))

    def struck(self, listed: tuple[str, ...]) -> tuple[str, ...]:
        families = {rule.version_of: rule for rule in self.law.rules.values()}
        found = []
        for name in listed:
            rule = self.law.rules.get(name) or families.get(name)
            found.append(
                f"{_in(self.lang, rule.sv, rule.en)} ({name})"
                if rule
                else self.words.get(f"strikes_{name}", name)
            )
        return tuple(found)

    def provisions(self, cites: Iterable[Cite]) -> tuple[Provision, ...]:
        return tuple(
            Provision(text=written_out(cite), amended_by=self.amendment(cite), act=cite.act)
            for cite in cites
        )

    def amendment(self, cite: Cite) -> str:
        """The amending act, with the day from which it reads so where the row does not say it."""
        if cite.amended_from is None:
            return cite.amended_by
        told = self.words["amended_from"]
        return told.format(act=cite.amended_by, day=cite.amended_from)

    def cautions(self, names: Iterable[str]) -> tuple[str, ...]:
        known = self.law.vocabulary.cautions
        return tuple(f"{getattr(known[name], self.lang)} ({name})" for name in names)

    def proofs(self, scenarios: Iterable[Scenario]) -> tuple[Proof, ...]:
        return tuple(
            Proof(id=one.id, title=_in(self.lang, one.title_sv, one.title_en))
            for one in {one.id: one for one in scenarios}.values()
        )
