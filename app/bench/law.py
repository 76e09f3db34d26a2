"""The law's own figures: against Cedar, against a naive reading, and against itself as it grows.

A page is 200 notes towards three recipients, each note about one or two persons.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import policies
from app.bench import law_portion
from app.bench.bench_house import BenchFault
from app.bench.figure import Figure, compare
from policies import Facts, Item, Law, Party, Person, decide, decision_bytes
from policies.decide import lets_out
from policies.pack import GROUNDS, Rule
from policies.reading import TRIED, pack_files
from policies.second_opinion import SecondOpinion
from policies.vocabulary import FactValue, Tables, fact_named

ON = date(2026, 11, 23)
NOTES, RECIPIENTS = 200, ("POLICE", "SCHOOL_M", "REGION")
COPIES = 10
"""1000 rules are ten copies of the packaged hundred."""


def measure(_server: str | None) -> Iterator[Figure]:
    """Every row. All in one process, the arms of each in turns."""
    law = policies.load()
    page = _page(law)
    yield _against_cedar(law, page)
    yield _against_naive(law, page)
    yield from _record(law, page)
    yield from _growth(law, page)
    yield _loading()
    yield from law_portion.measure()


def _page(law: Law) -> list[Facts]:
    statements = ["at_risk_of_crime", "not_inappropriate", "needed_for_purpose"]
    known = [c.name for c in law.vocabulary.statements()]
    said = [name for name in statements if name in known] or known[:3]
    return [
        _question(n, recipient, person, said)
        for n in range(NOTES)
        for recipient in RECIPIENTS
        for person in range(1 + n % 2)
    ]


def _question(n: int, recipient: str, person: int, said: list[str]) -> Facts:
    party = {"municipality": "m", "is_authority": "yes"}
    return Facts(
        on=ON,
        sender=Party(kind="SOC", unit="s", authority="s", **party),  # type: ignore[arg-type]
        recipient=Party(kind=recipient, unit="r", authority="r", **party),  # type: ignore[arg-type]
        item=Item(category="K11", committed_crime="no", investigation="no"),
        person=Person(
            born=date(1980 if person else 2010, 1 + n % 12, 1 + n % 28),
            protected="no",
            substance_misuse="no",
            compulsory_care="no",
            pregnant="no",
            statements=dict.fromkeys(said[: n % 4], "yes"),
        ),
        case_subject_born=date(2010, 1 + n % 12, 1 + n % 28),
        purpose="prevent_crime",
        initiative="own",
        requester_verified="no",
        investigation_open="no",
        delegated="yes",
        agreement="yes",
    )


def _against_cedar(law: Law, page: list[Facts]) -> Figure:
    second = SecondOpinion(law)
    ours = [lets_out(law, facts) for facts in page]
    theirs = [opinion.lawful for opinion in second.of_all(page)]
    if ours != theirs:
        raise BenchFault("the two engines answer the page differently")
    found = compare(
        lambda: second.of_all(page),
        lambda: [lets_out(law, facts) for facts in page],
        rounds=3,
        calls=1,
    )
    return Figure(
        name="law-page-600",
        value=found.ratio,
        unit="x prepared cedarpy batch",
        target=80,
        sense="at least",
        note=f"{len(page)} questions in {found.second * 1e3:.1f} ms, Cedar {found.first:.2f} s",
    )


def _against_naive(law: Law, page: list[Facts]) -> Figure:
    naive = _Naive(law)
    if [naive.lets_out(facts) for facts in page] != [lets_out(law, facts) for facts in page]:
        raise BenchFault("the naive reading answers the page differently")
    found = compare(
        lambda: [naive.lets_out(facts) for facts in page],
        lambda: [lets_out(law, facts) for facts in page],
        rounds=7,
        calls=1,
    )
    return Figure(
        name="law-masks",
        value=found.ratio,
        unit="x a naive reading of the same rules",
        target=8,
        sense="at least",
        note=f"{found.second / len(page) * 1e6:.0f} us a question",
    )


def _record(law: Law, page: list[Facts]) -> Iterator[Figure]:
    """The page answered from nothing each round; then every record worked out by itself."""
    kept = law.snapshot(ON).decisions

    def whole_page() -> list[bytes]:
        kept.clear()
        return [decision_bytes(decide(law, facts)) for facts in page]

    def each_alone() -> list[bytes]:
        records = []
        for facts in page:
            kept.clear()
            records.append(decision_bytes(decide(law, facts)))
        return records

    def bare() -> list[bool]:
        return [lets_out(law, facts) for facts in page]

    if whole_page() != each_alone():
        raise BenchFault("a record depends on what was asked before it")
    whole_page()
    different = len(kept)
    found = compare(whole_page, bare, rounds=7, calls=1)
    yield Figure(
        name="law-record",
        value=found.ratio,
        unit="x a bare answer, record with reasons",
        target=5,
        note=f"{found.first / len(page) * 1e6:.0f} us with what remains, as canonical JSON; "
        f"{different} of the page's questions differ to the law",
    )
    found = compare(each_alone, bare, rounds=3, calls=1)
    yield Figure(
        name="law-record-alone",
        value=found.ratio,
        unit="x a bare answer, nothing kept",
        note=f"{found.first / len(page) * 1e6:.0f} us when no question is like an earlier one",
    )


def _growth(law: Law, page: list[Facts]) -> Iterator[Figure]:
    for name, sender, target in (
        ("law-1000-elsewhere", "OTHER", 1.3),
        ("law-1000-in-scope", "", 10.0),
    ):
        with TemporaryDirectory() as folder:
            grown = policies.load(_grown(Path(folder), sender))
        found = compare(
            lambda grown=grown: [lets_out(grown, facts) for facts in page],  # type: ignore[misc]
            lambda: [lets_out(law, facts) for facts in page],
            rounds=31,
            calls=1,
        )
        yield Figure(
            name=name,
            value=found.ratio,
            unit=f"x the packaged {len(law.rules)} rules",
            target=target,
            note=f"{len(grown.rules)} rules",
        )


def _grown(folder: Path, sender: str) -> Path:
    """The packaged pack with its rules copied, for another kind of sender or as they stand."""
    source = Path(policies.__file__).parent
    for path in pack_files(source):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if sender and path.name == "vocabulary.toml":
            text += f'\n[[kind]]\ncode = "{sender}"\nauthority = true\nsv = "annan"\nen = "other"\n'
        target.write_text(text, encoding="utf-8")
        if path.parent.name == "rules":
            for n in range(1, COPIES):
                copied = target.with_name(f"{path.stem}_{n}.toml")
                copied.write_text(_copied(text, n, sender), encoding="utf-8")
    return folder


def _copied(text: str, n: int, sender: str) -> str:
    lines, skipping = [], False
    for line in text.splitlines():
        key = line.partition("=")[0].strip()
        if skipping:
            skipping = "]" not in line
            continue
        if key in ("id", "version_of"):
            line = line.rstrip()[:-1] + f'#{n}"'
        elif key == "from" and sender:
            skipping = "]" not in line
            line = f'from = ["{sender}"]'
        lines.append(line)
    return "\n".join(lines) + "\n"


def _loading() -> Figure:
    source = Path(policies.__file__).parent
    # What is tried against the rules is no part of them: loading does not parse it either.
    files = [p for p in pack_files(source) if not {*TRIED} & {*p.parts}]

    def bare() -> None:
        for path in files:
            tomllib.loads(path.read_text(encoding="utf-8"))

    found = compare(policies.load, bare, rounds=7, calls=1)
    return Figure(
        name="law-load",
        value=found.ratio,
        unit="x bare TOML parse, with every check",
        target=1.6,
        note=f"{found.first * 1e3:.0f} ms",
    )


class _Naive:
    """The same rules read as they are written: dictionaries, names and loops."""

    def __init__(self, law: Law) -> None:
        self.law, self.snapshot = law, law.snapshot(ON)
        self.rules = law.in_force(ON)
        self.tables: Tables = self.snapshot.tables
        self.tests = {
            c.name: (fact_named(c.fact or f"{c.source}.{c.name}"), c, value)
            for fact in {c.fact or f"{c.source}.{c.name}" for c in self.snapshot.conditions}
            for _, c, value in self.snapshot.tests_of(fact)
        }

    def lets_out(self, facts: Facts) -> bool:
        """Covered, by the words of the rules."""
        state = {name: self._value(name, facts) for name in self.tests}
        applicable, settled = set(facts.sender.own_secrecy), False
        for row in self.law.secrecy:
            if not (row.valid_from <= ON <= (row.valid_to or date.max)):
                continue
            if not ({facts.sender.kind, "*"} & {*row.holders}):
                continue
            if not ({facts.item.category, "*"} & {*row.categories}):
                continue
            if all(state[n] is not False for n in row.all) and not any(
                state[n] is True for n in row.none
            ):
                applicable |= {row.rule} if row.rule else set()
                sure = all(state[n] is True for n in row.all)
                sure = sure and all(state[n] is False for n in row.none)
                settled = settled or (sure and "*" not in row.categories)
        here = [rule for rule in self.rules if self._stands(rule, facts)]
        strikes = [r for r in here if r.effect == "strike" and self._bars(r, state)]
        if any(r.effect == "stop" and self._bars(r, state) for r in here):
            return False
        return settled and all(self._open(code, here, strikes, state) for code in applicable)

    def _open(
        self, code: str, here: list[Rule], strikes: list[Rule], state: dict[str, bool | None]
    ) -> bool:
        for rule in here:
            if rule.effect not in GROUNDS or code not in self.snapshot.reach_of(rule):
                continue
            holds = all(state[n] is True for n in rule.all)
            holds = holds and all(state[n] is False for n in rule.none)
            if holds and not any(
                code in self.snapshot.reach_of(s) and _hits(s, rule) for s in strikes
            ):
                return True
        return False

    def _stands(self, rule: Rule, facts: Facts) -> bool:
        ends = ((facts.sender.kind, rule.from_), (facts.recipient.kind, rule.to))
        return all({kind, "*"} & {*self.snapshot.kinds_of(listed)} for kind, listed in ends)

    def _bars(self, rule: Rule, state: dict[str, bool | None]) -> bool:
        cured = any(state[n] is True for n in (*rule.none, *rule.unless))
        return not cured and all(state[n] is not False for n in rule.all)

    def _value(self, name: str, facts: Facts) -> bool | None:
        fact, condition, wanted = self.tests[name]
        value: FactValue | None = fact.read(facts, self.tables) if fact else None
        if value is None:
            return None
        if condition.op == "is":
            return value == wanted
        if isinstance(value, frozenset):
            # The loader lets a fact of codes be compared with codes alone.
            return not value.isdisjoint(wanted)  # type: ignore[arg-type]
        if condition.op == "in":
            return value in wanted  # type: ignore[operator]
        compare_: Callable[[int], bool] = (
            (lambda years: years < wanted)  # type: ignore[operator]
            if condition.op == "<"
            else (lambda years: years >= wanted)  # type: ignore[operator]
        )
        readings = value if isinstance(value, tuple) else (value,)
        answers = {compare_(years) for years in readings}  # type: ignore[arg-type]
        return None if len(answers) > 1 else answers.pop()


def _hits(strike: Rule, rule: Rule) -> bool:
    words = {"permits": "permit", "consents": "consent", "harm_tests": "harm_test"}
    for word in strike.strikes:
        if word in (rule.id, rule.version_of) or words.get(word) == rule.effect:
            return True
        if word == "grounds" and rule.effect in words.values():
            return True
    return False
