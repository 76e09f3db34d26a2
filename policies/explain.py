"""A decision in words: verdict, reason, provision, next step, in that order.

Only words; nothing is decided here. The texts come from the pack and from `words.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec

from policies.decision import Decision, FiredRule, Outcome, Secrecy, Step
from policies.keeping import kept
from policies.law import Lang, Law
from policies.pack import DUTIES
from policies.selectors import written_out
from policies.words import WORDS, joined

MAX_TOLD = 5
"""Alternatives in the sentence about the next step; `ways` has them all."""

# Consent last: a headline that says consent is read as if there were no other way.
_WEIGHT = {"answer": 0, "statement": 1, "request": 2, "approval": 3, "consent": 4}
_NEEDS = ("needs_answer", "needs_assessment", "needs_request", "needs_approval", "needs_consent")


class StepText(msgspec.Struct, frozen=True, kw_only=True):
    """A step that remains, as a clause, and who can take it."""

    kind: str
    condition: str
    value: bool
    text: str
    """E.g. `om bedömningen blir att det finns en risk för brottslig verksamhet`."""
    who: tuple[str, ...]
    """Actors by name."""
    by: tuple[str, ...]
    """Actors by code."""


class QuestionText(msgspec.Struct, frozen=True, kw_only=True):
    """An open question, as a form asks it."""

    kind: str
    condition: str
    text: str
    who: tuple[str, ...]
    by: tuple[str, ...]
    min_circumstances: int


class RuleText(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that mattered."""

    id: str
    title: str
    plain: str
    """Explanation in plain words, empty for what the secrecy table says."""
    cite: tuple[str, ...]
    confidence: str


class NearText(msgspec.Struct, frozen=True, kw_only=True):
    """A ground that did not hold, and what it lacked."""

    id: str
    title: str
    cite: tuple[str, ...]
    unmet: tuple[str, ...]
    struck_by: tuple[str, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a page or a letter says about one decision."""

    outcome: Outcome
    code: str
    """`must`, `may`, `needs_answer`, `needs_assessment`, `needs_request`, `needs_consent`,
    `needs_approval`, `stop` or `none`: for colour and icon."""
    verdict: str
    reason: str
    provisions: tuple[str, ...]
    """The provisions that decide; for `needs` and `none` those that make it secret."""
    questions: tuple[QuestionText, ...]
    """Empty for `stop` and `none`, where no answer would help."""
    ways: tuple[tuple[StepText, ...], ...]
    """The alternatives that remain: one of them, whole, is needed."""
    next_step: str
    """The first of `ways` as one sentence, which says if there are more; empty if none is left."""
    may_apply: tuple[str, ...]
    """The secrecy rules that count as applying only because something is not known."""
    warnings: tuple[str, ...]
    cautions: tuple[str, ...]
    grounds: tuple[RuleText, ...]
    stops: tuple[RuleText, ...]
    strikes: tuple[RuleText, ...]
    near: tuple[NearText, ...]


def explain(law: Law, decision: Decision, lang: Lang) -> Explanation:
    """Put a decision into words, `sv` or `en`."""
    # A like question gets the very same decision (`decide`), so its words are kept with it. Holding
    # the decision is what keeps its identity from being another's.
    key = (id(decision), lang)
    found = law.told.get(key)
    if found is None or found[0] is not decision:
        found = kept(law.told, key, (decision, _Teller(law, decision, lang).tell()))
    return cast("Explanation", found[1])


def _heaviest(way: Iterable[Step]) -> int:
    return max(_WEIGHT[step.kind] for step in way)


def _way(step: Step) -> str:
    """Key in `words.py` of the clause for a step."""
    if step.kind == "answer":
        return "way_yes" if step.value else "way_no"
    return f"way_{step.kind}"


class _Teller:
    def __init__(self, law: Law, decision: Decision, lang: Lang) -> None:
        self.law, self.decision, self.lang = law, decision, lang
        self.words = WORDS[lang]
        self.may_apply = self._may_apply()

    def tell(self) -> Explanation:
        decision = self.decision
        ways = tuple(tuple(self._step(step) for step in way) for way in decision.missing)
        code = self._code()
        return Explanation(
            outcome=decision.outcome,
            code=code,
            verdict=self._verdict(code),
            reason=self._reason(),
            provisions=self._provisions(),
            questions=self._questions(),
            ways=ways,
            next_step=self._next_step(),
            may_apply=self.may_apply,
            warnings=self._warnings(),
            cautions=tuple(self._caution(name) for name in decision.cautions),
            grounds=tuple(self._rule(rule) for rule in decision.fired),
            stops=tuple(self._rule(rule) for rule in decision.stops),
            strikes=tuple(self._rule(rule) for rule in decision.strikes),
            near=self._near(),
        )

    def _code(self) -> str:
        if self.decision.outcome != "needs":
            return self.decision.outcome
        return _NEEDS[min(map(_heaviest, self.decision.missing))]

    def _verdict(self, code: str) -> str:
        """The code in words. What is assessed before it is approved is not a mere approval."""
        if code == "needs_approval" and not any(
            _heaviest(way) == _WEIGHT["approval"] and "statement" not in {s.kind for s in way}
            for way in self.decision.missing
        ):
            return self.words["assessed_approval"]
        return self.words[code]

    def _reason(self) -> str:
        decision, words = self.decision, self.words
        key = f"reason_{decision.outcome}"
        if decision.outcome == "needs" and not decision.applicable:
            key = "reason_needs_open"
        deciding = [r for r in decision.fired if r.effect in DUTIES or decision.outcome == "may"]
        text = words[key].format(
            grounds=". ".join(self._title(rule) for rule in deciding),
            secret=self._secret(),
            stops=". ".join(self._title(rule) for rule in decision.stops),
        )
        if decision.outcome == "none" and decision.strikes:
            struck = ". ".join(self._title(rule) for rule in decision.strikes)
            text += words["struck"].format(strikes=struck)
        return text

    def _secret(self) -> str:
        """What makes it secret, told apart by whether it is known to apply or may only do so."""
        words = self.words
        known, open_ = (
            joined(
                [s.cite for s in self.decision.applicable if (s.rule in self.may_apply) == unsure],
                words["and"],
            )
            for unsure in (False, True)
        )
        key = "secret" if not open_ else "secret_and_may_be" if known else "may_be_secret"
        return words[key].format(known=known, open=open_)

    def _may_apply(self) -> tuple[str, ...]:
        decision = self.decision
        snapshot = self.law.snapshot(decision.on)
        yes, maybe = int(decision.yes_mask, 16), int(decision.maybe_mask, 16)
        rows = {(row.rule, row.sv): row for row in reversed(self.law.secrecy)}

        def unsure(one: Secrecy) -> bool:
            row = rows.get((one.rule, one.sv))
            if row is None:
                return False
            need, none = snapshot.condition_mask(row.all), snapshot.condition_mask(row.none)
            # A row that does not apply is here for the words alone: the sender has the rule itself.
            may = not (need & ~maybe or none & yes)
            return may and bool(need & ~yes or none & maybe)

        return tuple(one.rule for one in decision.applicable if unsure(one))

    def _provisions(self) -> tuple[str, ...]:
        decision = self.decision
        by_outcome: dict[str, list[str]] = {
            "must": [c for r in decision.fired if r.effect in DUTIES for c in r.cite],
            "may": [c for r in decision.fired for c in r.cite],
            "stop": [c for r in decision.stops for c in r.cite],
        }
        secret = [s.cite for s in decision.applicable]
        return tuple(dict.fromkeys(by_outcome.get(decision.outcome, secret)))

    def _step(self, step: Step) -> StepText:
        return StepText(
            kind=step.kind,
            condition=step.condition,
            value=step.value,
            text=self.words[_way(step)].format(text=self.law.text(step.condition, self.lang)),
            who=self._who(step),
            by=step.by,
        )

    def _questions(self) -> tuple[QuestionText, ...]:
        if self.decision.outcome in ("stop", "none"):
            return ()
        return tuple(self._question(step) for step in self.decision.questions)

    def _question(self, step: Step) -> QuestionText:
        condition = self.law.vocabulary.conditions[step.condition]
        asked = condition.question_sv if self.lang == "sv" else condition.question_en
        sentence = self.law.text(step.condition, self.lang)
        return QuestionText(
            kind=step.kind,
            condition=step.condition,
            text=asked or sentence[:1].upper() + sentence[1:] + "?",
            who=self._who(step),
            by=step.by,
            min_circumstances=condition.min_circumstances,
        )

    def _who(self, step: Step) -> tuple[str, ...]:
        actors = self.law.vocabulary.actors
        return tuple(getattr(actors[code], self.lang) for code in step.by)

    def _next_step(self) -> str:
        words = self.words
        clauses = [self._clause(way) for way in self.decision.missing]
        if not clauses:
            return ""
        if len(clauses) == 1:
            return words["ways_one"].format(way=clauses[0])
        either = f"{words['either']} {clauses[0]}"
        others = [f"{words['or']} {clause}" for clause in clauses[1:MAX_TOLD]]
        text = words["ways_many"].format(ways=", ".join([either, *others]))
        cut = self.decision.missing_truncated or len(clauses) > MAX_TOLD
        return f"{text} {words['ways_truncated']}" if cut else text

    def _clause(self, way: tuple[Step, ...]) -> str:
        """One alternative: steps of the same kind share their opening words."""
        grouped: dict[str, list[str]] = {}
        for step in way:
            text = self.law.text(step.condition, self.lang)
            grouped.setdefault(_way(step), []).append(text)
        again = {"way_statement": "and_that", "way_yes": "and_that", "way_no": "nor_that"}
        parts = [
            self.words[key].format(text=self.words[again.get(key, "and_also")].join(texts))
            for key, texts in grouped.items()
        ]
        return joined(parts, self.words["and"])

    def _warnings(self) -> tuple[str, ...]:
        decision, words = self.decision, self.words
        bare = [s.cite for s in decision.applicable if not s.follows]
        duties = [self.law.text(rule_id, self.lang) for rule_id in self._pending_duties()]
        return tuple(
            words[flag].format(duties="; ".join(duties), secrecy=joined(bare, words["and"]))
            for flag in decision.flags
        )

    def _pending_duties(self) -> list[str]:
        conditions = self.law.vocabulary.conditions
        answers = {step.condition for step in self.decision.questions}
        out = []
        for near in self.decision.near:
            duty = self.law.rules[near.id].effect in DUTIES
            open_ = [n for n in near.unmet if n in answers and conditions[n].source == "statement"]
            if duty and near.unmet and len(open_) == len(near.unmet):
                out.append(near.id)
        return out

    def _caution(self, name: str) -> str:
        caution = self.law.vocabulary.cautions[name]
        return f"{caution.sv if self.lang == 'sv' else caution.en} ({name})"

    def _title(self, rule: FiredRule) -> str:
        return (rule.sv if self.lang == "sv" else rule.en).rstrip(".")

    def _rule(self, rule: FiredRule) -> RuleText:
        found = self.law.rules.get(rule.id)
        plain = ""
        if found is not None:
            plain = found.explain_sv if self.lang == "sv" else found.explain_en
        return RuleText(
            id=rule.id,
            title=self._title(rule),
            plain=plain,
            cite=rule.cite,
            confidence=rule.confidence,
        )

    def _near(self) -> tuple[NearText, ...]:
        out = []
        for near in self.decision.near:
            rule = self.law.rules[near.id]
            unmet = []
            for name in near.unmet:
                negative = name.startswith("not:")
                text = self.law.text(name.removeprefix("not:"), self.lang)
                key = "way_no" if negative else "way_yes"
                unmet.append(self.words[key].format(text=text) if negative else text)
            out.append(
                NearText(
                    id=near.id,
                    title=rule.sv if self.lang == "sv" else rule.en,
                    cite=tuple(written_out(cite) for cite in rule.cite),
                    unmet=tuple(unmet),
                    struck_by=tuple(
                        self.law.text(rule_id, self.lang) for rule_id in near.struck_by
                    ),
                )
            )
        return tuple(out)
