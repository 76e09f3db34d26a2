"""The same pack in another language: rules, secrecy table and facts as Cedar text, for an engine
that shares no code with ours.

Text only; whoever has the Cedar engine asks it (`policies/second_opinion.py`). One request is one
question about one secrecy rule that may apply: it is allowed where the rule does not apply, or
some ground opens it, and no stop fires. Raw facts go in, never our masks. A fact or operation that
has no twin here is an error, not a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from policies.cedar_facts import SCHEMA_FACTS, CedarError, Twin, number, quoted, twin_of
from policies.law import Law
from policies.pack import GROUNDS, Rule, SecrecyRow
from policies.snapshot import Snapshot

KNOWN = "-"
"""Stands where a secrecy rule would, in the request whether the table knows the item at all."""

_TRUE = "true"


class CedarText:
    """The pack as it stands on a day for one kind of sender, as one policy set and one schema."""

    def __init__(self, law: Law, on: date, sender: str) -> None:
        self._snapshot: Snapshot = law.snapshot(on)
        self._conditions = law.vocabulary.conditions
        self._twins: dict[str, Twin] = {}
        kinds = self._snapshot.kinds_of
        self._rows = [
            row for row in law.secrecy if _in_force(row, on) and {sender, "*"} & {*row.holders}
        ]
        self._rules = [
            rule
            for rule in law.rules.values()
            if _in_force(rule, on) and {sender, "*"} & {*kinds(rule.from_)}
        ]
        self.codes = frozenset(self._snapshot.secrecy_codes)
        self.schema = self._make_schema()
        self.policies = "\n".join(self._policies())

    def asked(self, category: str, own: Iterable[str]) -> tuple[str, ...]:
        """The secrecy rules to ask about, one request each; first whether the item is known."""
        rows = (row for row in self._rows if {category, "*"} & {*row.categories})
        return (KNOWN, *sorted({*(row.rule for row in rows if row.rule), *own}))

    def _make_schema(self) -> str:
        names = sorted(c.name for c in self._conditions.values() if c.source == "statement")
        approvals = sorted(c.name for c in self._conditions.values() if c.source == "approval")
        lists = {"said": names, "approved": approvals}
        self.answered = frozenset((*names, *approvals))
        records = (
            f"  {record}: {{ {', '.join(f'{quoted(name)}?: String' for name in listed)} }}"
            for record, listed in lists.items()
        )
        facts = ",\n".join((*SCHEMA_FACTS, *records))
        return (
            f"entity Office;\nentity Item = {{\n{facts}\n}};\n"
            'action "disclose" appliesTo {\n'
            "  principal: [Office], resource: [Item], context: { secrecy: String }\n};\n"
        )

    # Policies

    def _policies(self) -> Iterable[str]:
        yield from self._table()
        for rule in self._rules:
            if rule.effect in GROUNDS:
                yield self._ground(rule)
            elif rule.effect == "stop":
                yield _policy("forbid", rule.id, self._fires(rule))
            elif rule.effect != "strike":
                raise CedarError(f"{rule.id}: no way to say {rule.effect!r} in Cedar; write one")

    def _table(self) -> Iterable[str]:
        settling = [row for row in self._rows if "*" not in row.categories]
        for n, row in enumerate(settling):
            test = [f"context.secrecy == {quoted(KNOWN)}", *self._row(row, surely=True)]
            yield _policy("permit", f"known {n}", [*test, "resource.own_known"])
        for code in sorted({row.rule for row in self._rows if row.rule}):
            rows = [row for row in self._rows if row.rule == code]
            applies = [_all(self._row(row, surely=False)) for row in rows]
            tests = [
                f"context.secrecy == {quoted(code)}",
                f"!resource.sender.own.contains({quoted(code)})",
                *(f"!({one})" for one in applies),
            ]
            yield _policy("permit", f"not secret by {code}", tests)

    def _row(self, row: SecrecyRow, *, surely: bool) -> list[str]:
        """That a row applies for certain, or that it may."""
        tests = [*_dated(row), *_among("resource.sender.kind", row.holders)]
        tests += _among("resource.item.category", row.categories)
        for name in row.all:
            tests.append(self._twin(name).yes if surely else self._twin(name).maybe)
        for name in row.none:
            tests.append(f"!({self._twin(name).maybe if surely else self._twin(name).yes})")
        return tests

    def _ground(self, rule: Rule) -> str:
        reach = self._snapshot.reach_of(rule)
        tests = [*self._place(rule), *_among("context.secrecy", sorted(reach) or ("",))]
        tests += [self._twin(name).yes for name in rule.all]
        tests += [f"!({self._twin(name).maybe})" for name in rule.none]
        for strike in self._rules:
            if strike.effect == "strike" and self._hits(strike, rule):
                within = self._snapshot.reach_of(strike)
                if reach & within and self._may_meet(strike, rule):
                    where = [] if reach <= within else _among("context.secrecy", sorted(within))
                    tests.append(f"!({_all([*self._fires(strike), *where])})")
        return _policy("permit", rule.id, tests)

    def _fires(self, rule: Rule) -> list[str]:
        """That a strike or stop fires: all may be so, and no cure is."""
        tests = [*self._place(rule), *(self._twin(name).maybe for name in rule.all)]
        return tests + [f"!({self._twin(name).yes})" for name in (*rule.none, *rule.unless)]

    def _place(self, rule: Rule) -> list[str]:
        kinds = self._snapshot.kinds_of
        return [
            *_dated(rule),
            *_among("resource.sender.kind", kinds(rule.from_)),
            *_among("resource.recipient.kind", kinds(rule.to)),
        ]

    def _may_meet(self, one: Rule, other: Rule) -> bool:
        """Whether two rules can stand between the same two kinds."""
        kinds = self._snapshot.kinds_of
        pairs = ((one.from_, other.from_), (one.to, other.to))
        sets = [(set(kinds(a)), set(kinds(b))) for a, b in pairs]
        return all("*" in a or "*" in b or a & b for a, b in sets)

    def _hits(self, strike: Rule, rule: Rule) -> bool:
        words = {
            "grounds": ("permit", "consent", "harm_test"),
            "permits": ("permit",),
            "consents": ("consent",),
            "harm_tests": ("harm_test",),
        }
        return any(
            word in (rule.id, rule.version_of) or rule.effect in words.get(word, ())
            for word in strike.strikes
        )

    def _twin(self, name: str) -> Twin:
        if name not in self._twins:
            self._twins[name] = twin_of(self._conditions[name], self._snapshot.tables)
        return self._twins[name]


def _in_force(dated: Rule | SecrecyRow, on: date) -> bool:
    return dated.valid_from <= on <= (dated.valid_to or date.max)


def _dated(dated: Rule | SecrecyRow) -> list[str]:
    # The day is tested once more here, so that a law of the wrong day answers no.
    tests = [f"resource.today >= {number(dated.valid_from)}"]
    if dated.valid_to is not None:
        tests.append(f"resource.today <= {number(dated.valid_to)}")
    return tests


def _among(path: str, listed: Iterable[str]) -> list[str]:
    codes = sorted(set(listed))
    if "*" in codes:
        return []
    return [f"[{', '.join(quoted(code) for code in codes)}].contains({path})"]


def _all(tests: Iterable[str]) -> str:
    return " && ".join(f"({test})" for test in tests) or _TRUE


def _policy(effect: str, name: str, tests: Iterable[str]) -> str:
    return (
        f"@id({quoted(name)})\n"
        f'{effect} (principal, action == Action::"disclose", resource)\n'
        f"when {{ {_all(tests)} }};"
    )
