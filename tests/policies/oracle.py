"""A second, naive reading of a pack: plain words and loops, no masks, nothing shared but the facts.

Slow on purpose, so that it can be checked by eye. It answers from the raw tables of the files.
"""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

from policies import Facts
from policies.vocabulary import Age, Tables, fact_named

State = dict[str, str]
"""Condition -> yes, no or unknown."""
Literal = tuple[str, bool]

DUTIES = ("duty_own", "duty_request")
WORDS = {"grounds": ("permit", "consent", "harm_test"), "permits": ("permit",)}
WORDS |= {"consents": ("consent",), "harm_tests": ("harm_test",)}


def flat(files: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for name, content in files.items():
        for table, rows in content.items():
            if table and isinstance(rows, list) and not name.startswith("scenarios"):
                out.setdefault(table, []).extend(rows)
    return out


def _in_force(row: dict[str, Any], on: date) -> bool:
    return row["valid_from"] <= on <= row.get("valid_to", date.max)


class Oracle:
    def __init__(self, files: dict[str, dict[str, Any]]) -> None:
        self.tables = flat(files)
        self.conditions = {c["name"]: c for c in self.tables["condition"]}
        rows = self.tables.get("set", [])
        self.sets = {s["name"]: s["members"] for s in rows if s.get("of", "secrecy") == "secrecy"}
        self.kinds = {s["name"]: s["members"] for s in rows if s.get("of") == "kinds"}

    # What is yes, no and unknown

    def state(self, facts: Facts) -> State:
        return {name: self._value(c, facts) for name, c in self.conditions.items()}

    def _value(self, condition: dict[str, Any], facts: Facts) -> str:
        name = condition.get("fact") or f"{condition['source']}.{condition['name']}"
        fact = fact_named(name)
        assert fact is not None
        on = facts.on
        crimes = {c["code"]: _Row(c) for c in self.tables.get("crime", []) if _in_force(c, on)}
        numbers = {
            p["name"]: p["value"] for p in self.tables.get("parameter", []) if _in_force(p, on)
        }
        value = fact.read(facts, Tables(crimes, numbers))  # type: ignore[arg-type]
        wanted = condition.get("value", True)
        if isinstance(wanted, dict):
            wanted = numbers.get(wanted["parameter"])
        if value is None or wanted is None:
            return "unknown"
        op = condition.get("op", "is")
        if op == "is":
            return "yes" if value == wanted else "no"
        if isinstance(value, frozenset):
            return "yes" if any(one in wanted for one in value) else "no"
        if op == "in":
            return "yes" if value in wanted else "no"
        readings = [value.least, value.most] if isinstance(value, Age) else [value]
        answers = {(r < wanted) if op == "<" else (r >= wanted) for r in readings}
        return "unknown" if len(answers) > 1 else ("yes" if answers.pop() else "no")

    # What the rules say

    def rules(self, facts: Facts) -> list[dict[str, Any]]:
        return [
            rule
            for rule in self.tables.get("rule", [])
            if _in_force(rule, facts.on)
            and self._among(facts.sender.kind, rule["from"])
            and self._among(facts.recipient.kind, rule["to"])
        ]

    def _among(self, kind: str, listed: list[str]) -> bool:
        for entry in listed:
            members = self.kinds[entry[4:]] if entry.startswith("set:") else [entry]
            if kind in members or "*" in members:
                return True
        return False

    def rows(self, facts: Facts) -> list[dict[str, Any]]:
        return [
            row
            for row in self.tables["secrecy"]
            if _in_force(row, facts.on)
            and {facts.sender.kind, "*"} & set(row["holders"])
            and {facts.item.category, "*"} & set(row["categories"])
        ]

    def opens(self, rule: dict[str, Any], code: str) -> bool:
        return self._any(rule.get("opens", []), code) and not self._any(
            rule.get("not_opens", []), code
        )

    def _any(self, selectors: list[str], code: str) -> bool:
        for selector in selectors:
            if selector.startswith("set:"):
                if self._any(self.sets[selector[4:]], code):
                    return True
            elif _selects(selector, code):
                return True
        return False

    def judge(self, facts: Facts, state: State) -> dict[str, Any]:
        def is_(names: list[str], *answers: str) -> bool:
            return all(state[name] in answers for name in names)

        def bars(rule: dict[str, Any]) -> bool:
            cured = any(
                state[name] == "yes" for name in rule.get("none", []) + rule.get("unless", [])
            )
            return is_(rule.get("all", []), "yes", "unknown") and not cured

        applicable = set(facts.sender.own_secrecy)
        settled = False
        for row in self.rows(facts):
            if is_(row.get("all", []), "yes", "unknown") and is_(
                row.get("none", []), "no", "unknown"
            ):
                applicable |= {row["rule"]} if row.get("rule") else set()
                sure = is_(row.get("all", []), "yes") and is_(row.get("none", []), "no")
                settled = settled or (sure and "*" not in row["categories"])
        rules = self.rules(facts)
        strikes = [r for r in rules if r["effect"] == "strike" and bars(r)]
        stops = [r["id"] for r in rules if r["effect"] == "stop" and bars(r)]
        covers: dict[str, set[str]] = {code: set() for code in applicable}
        whole_duty = silent = False
        harmless: set[str] = set()
        for rule in rules:
            if rule["effect"] in ("strike", "stop"):
                continue
            if not (is_(rule.get("all", []), "yes") and is_(rule.get("none", []), "no")):
                continue
            opened = {
                code
                for code in applicable
                if self.opens(rule, code)
                and not any(self._hits(strike, rule, code) for strike in strikes)
            }
            for code in opened:
                covers[code].add(rule["id"])
            harmless |= opened if rule["effect"] == "harm_test" else set()
            whole_duty |= rule["effect"] in DUTIES and opened == applicable
            silent |= rule["effect"] in DUTIES and not rule.get("opens")
        lawful = settled and not stops and all(covers.values())
        whole_duty |= silent and harmless == applicable
        return {"lawful": lawful, "must": lawful and whole_duty, "covers": covers, "stops": stops}

    def _hits(self, strike: dict[str, Any], rule: dict[str, Any], code: str) -> bool:
        named = any(
            word in (rule["id"], rule["version_of"]) or rule["effect"] in WORDS.get(word, ())
            for word in strike["strikes"]
        )
        within = strike.get("secrecy", [])
        return named and (not within or self._any(within, code))


class _Row:
    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__.update(row)


def _selects(selector: str, code: str) -> bool:
    if selector == "all":
        return True
    act, _, place = code.rpartition(" ")
    chapter = int((re.match(r"\d+", place) or [0])[0]) if ":" in place else 0
    if selector.startswith("chapter:"):
        wanted, _, span = selector[8:].rpartition(" ")
        first, last = span.split("-")
        return act == wanted and int(first) <= chapter <= int(last)
    if re.search(r"\d-\d", selector):
        wanted, _, span = selector.rpartition(" ")
        chap, _, sections = span.partition(":")
        first, last = sections.split("-")
        here = re.match(r"(\w+):(\d+)([a-z]?)", place)
        if here is None or (act, here[1]) != (wanted, chap):
            return False
        number = int(here[2])
        return int(first) <= number < int(last) or (number == int(last) and not here[3])
    return code == selector or code.startswith(selector + "/")


# Brute force over steps


def worlds(oracle: Oracle, completions: list[Facts]) -> list[State]:
    return [oracle.state(facts) for facts in completions]


def learn(
    oracle: Oracle, now: State, possible: list[State], literals: tuple[Literal, ...]
) -> State | None:
    """What is known once the literals are so; None when they contradict each other."""
    system = {name for name, c in oracle.conditions.items() if c["source"] == "system"}
    wanted = {(n, "yes" if v else "no") for n, v in literals if n in system}
    left = [w for w in possible if all(w[name] == answer for name, answer in wanted)]
    if not left:
        return None
    if not wanted:
        after = dict(now)
    else:
        after = {
            n: (now[n] if n not in system or len({w[n] for w in left}) > 1 else left[0][n])
            for n in now
        }
    for name, _ in literals:
        if name not in system:
            after[name] = "yes"
    return after


def subsets(literals: list[Literal], most: int) -> itertools.chain[tuple[Literal, ...]]:
    return itertools.chain.from_iterable(
        itertools.combinations(literals, size) for size in range(1, most + 1)
    )
