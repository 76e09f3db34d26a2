"""The engine against a naive reading of the same files, and its steps against brute force.

Rules are drawn at random over the small pack's vocabulary, so that combinations nobody thought of
are tried; the packaged pack is tried as it stands.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Facts, Law, decide
from policies.decision import Decision
from tests.policies.oracle import Literal, Oracle, State, learn, subsets, worlds

Tables = dict[str, dict[str, Any]]

SYSTEM = ("to_authority", "under_18", "under_21", "adult", "child_case", "to_prevent", "to_care")
SYSTEM += ("committed", "serious", "investigation", "protected", "contact_data", "verified")
STATEMENTS = ("fares_badly", "risk", "harmless", "outweighs")
CONSENTS = ("subject_ok", "guardian_ok")
OTHERS = ("asked", "boss_ok", "head_decides")
OPENS = ("OSL 26:1", "OSL 25:1", "OSL 23:2", "OSL 18:1", "OSL 21:3", "all", "set:SOCIAL")
OPENS += ("chapter:OSL 21-26", "OSL 25:1-8")
GROUND_IDS = ("D-1", "P-18a", "P-27", "R-0", "R-1", "grounds", "permits", "consents")
HELD = [("SOC", "K11"), ("SOC", "K15"), ("SCHOOL", "K1"), ("SCHOOL", "K3"), ("SCHOOL", "K5")]
HELD += [("POLICE", "K17"), ("SOC", "K99")]
TRI = st.sampled_from(["yes", "no", "unknown"])
OFTEN = st.sampled_from(["yes", "no", "no", "unknown"])


def _pick(names: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=most, unique=True)


@st.composite
def grounds(draw: st.DrawFn, rule_id: str) -> dict[str, Any]:
    effect = draw(st.sampled_from(["duty_own", "duty_request", "permit", "consent", "harm_test"]))
    steps = STATEMENTS + OTHERS + (() if effect.startswith("duty") else CONSENTS)
    wanted = draw(_pick(SYSTEM + steps, 3))
    if effect == "consent" and not set(wanted) & set(CONSENTS):
        wanted.append("subject_ok")
    none = [name for name in draw(_pick(SYSTEM, 2)) if name not in wanted]
    opens = draw(st.lists(st.sampled_from(OPENS), min_size=1, max_size=2))
    return _rule(rule_id, effect, all=wanted, none=none, opens=opens)


@st.composite
def bars(draw: st.DrawFn, rule_id: str) -> dict[str, Any]:
    effect = draw(st.sampled_from(["strike", "strike", "stop"]))
    wanted = draw(st.lists(st.sampled_from(SYSTEM), min_size=1, max_size=2, unique=True))
    rest = {
        "all": wanted,
        "none": [name for name in draw(_pick(SYSTEM, 1)) if name not in wanted],
        "unless": draw(_pick(OTHERS + STATEMENTS, 2)),
    }
    if effect == "strike":
        rest["strikes"] = draw(st.lists(st.sampled_from(GROUND_IDS), min_size=1, max_size=2))
        rest["secrecy"] = draw(st.lists(st.sampled_from(OPENS[:5]), max_size=1))
    return _rule(rule_id, effect, **rest)


def _rule(rule_id: str, effect: str, **more: Any) -> dict[str, Any]:
    texts = dict.fromkeys(("sv", "en", "explain_sv", "explain_en"), rule_id)
    cite = [{"act": "OSL", "at": "10:28"}]
    head = {"id": rule_id, "version_of": rule_id, "effect": effect, "from": ["*"], "to": ["*"]}
    valid = {"valid_from": date(2000, 1, 1), "confidence": "A"}
    return head | {"cite": cite} | valid | texts | {k: v for k, v in more.items() if v}


@st.composite
def random_rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(2, 4))
    rules = [draw(grounds(f"R-{n}")) for n in range(count)]
    return [*rules, *(draw(bars(f"B-{n}")) for n in range(draw(st.integers(0, 2))))]


@st.composite
def questions(draw: st.DrawFn) -> Facts:
    sender, category = draw(st.sampled_from(HELD))
    consent = st.sampled_from(["given", "not_asked", "refused", "withdrawn", "unknown"])
    said = st.dictionaries(st.sampled_from(STATEMENTS), st.sampled_from(["yes", "no"]), max_size=3)
    party = {"unit": "a", "authority": "a", "is_authority": draw(OFTEN)}
    recipient = draw(st.sampled_from(["SOC", "POLICE", "LEISURE", "SCHOOL"]))
    born = [None, date(2012, 5, 5), date(2008, 11, 23), date(2005, 11, 24), date(1980, 1, 1)]
    crime = draw(st.sampled_from([None, "theft", "assault", "fire", "unheard"]))
    table = {
        "on": draw(st.sampled_from([date(2026, 11, 23), date(2025, 3, 31), date(2026, 2, 28)])),
        "sender": {
            **party,
            "kind": sender,
            "own_secrecy": draw(st.sampled_from([[], [], ["OSL 35:1"]])),
        },
        "recipient": {**party, "kind": recipient},
        "item": {
            "category": category,
            "committed_crime": draw(OFTEN),
            "investigation": draw(OFTEN),
            "crime": crime,
            "crime_stage": draw(st.sampled_from(["completed", "attempt", "unknown"])),
            "contact_kind": draw(st.sampled_from([None, "phone"])),
            "contact_known": draw(st.booleans()),
        },
        "person": {
            "born": draw(st.sampled_from([*born, date(2008, 2, 29)])),
            "protected": draw(OFTEN),
            "pregnant": "no",
            "subject_consent": draw(consent),
            "guardian_consent": draw(consent),
            "statements": draw(said),
        },
        "case_subject_born": draw(st.sampled_from(born)),
        "purpose": draw(st.sampled_from([None, "prevent_crime", "care"])),
        "initiative": draw(st.sampled_from(["own", "request", "unknown"])),
        "requester_verified": draw(OFTEN),
        "decider_role": draw(st.sampled_from([None, "principal", "admin"])),
        "approvals": draw(st.dictionaries(st.sampled_from(["boss_ok", "head_decides"]),
                                          st.sampled_from(["yes", "no"]), max_size=2)),
    }  # fmt: skip
    return msgspec.convert(table, Facts)


def check_against(oracle: Oracle, law: Law, facts: Facts) -> Decision:
    decision = decide(law, facts)
    judged = oracle.judge(facts, oracle.state(facts))
    assert (decision.outcome in ("must", "may")) == judged["lawful"]
    assert (decision.outcome == "must") == judged["must"]
    assert {code: set(ids) for code, ids in decision.covers.items()} == judged["covers"]
    assert {stop.id for stop in decision.stops} - {"S-0"} == set(judged["stops"])
    return decision


UNKNOWNS: dict[str, list[dict[str, Any]]] = {
    "item": [
        {"committed_crime": ("yes", "no")},
        {"investigation": ("yes", "no")},
        {"crime": ("theft", "assault", "fire")},
        {"crime_stage": ("completed", "attempt")},
    ],
    "person": [
        {"protected": ("yes", "no")},
        {"born": (date(2012, 1, 1), date(2008, 1, 1), date(2006, 6, 6), date(1980, 1, 1))},
    ],
    "sender": [{"is_authority": ("yes", "no")}],
    "recipient": [{"is_authority": ("yes", "no")}],
    "": [
        {"case_subject_born": (date(2012, 1, 1), date(1980, 1, 1))},
        {"purpose": ("prevent_crime", "care", "other")},
        {"requester_verified": ("yes", "no")},
    ],
}


def completions(facts: Facts) -> list[Facts]:
    """Every way to answer what is unknown, by this file's own list of fields."""
    out = [facts]
    for part, fields in UNKNOWNS.items():
        for field in fields:
            ((name, values),) = field.items()
            holder = getattr(facts, part) if part else facts
            if getattr(holder, name) in (None, "unknown"):
                out = [_with(f, part, {name: value}) for f in out for value in values]
    if facts.item.contact_kind is None and not facts.item.contact_known:
        kinds: list[dict[str, Any]] = [
            {"contact_kind": kind, "contact_known": True} for kind in (None, "phone", "fax")
        ]
        out = [_with(f, "item", kind) for f in out for kind in kinds]
    return out


def _with(facts: Facts, part: str, changes: dict[str, Any]) -> Facts:
    if not part:
        return msgspec.structs.replace(facts, **changes)
    inner = msgspec.structs.replace(getattr(facts, part), **changes)
    return msgspec.structs.replace(facts, **{part: inner})


def takable(oracle: Oracle, facts: Facts, now: State, *, consent: bool) -> list[Literal]:
    """Steps that someone can still take, read from the facts in words."""
    out: list[Literal] = []
    for name, condition in oracle.conditions.items():
        source = condition["source"]
        if now[name] == "yes" or source == "system":
            continue
        if source == "statement":
            can = name not in facts.person.statements
        elif source == "approval":
            can = facts.approvals.get(name) != "no"
        elif source == "consent":
            who = condition["fact"].split(".")[1]
            can = consent and getattr(facts.person, f"{who}_consent") not in (
                "refused",
                "withdrawn",
            )
        else:
            can = True
        out += [(name, True)] if can else []
    return out


def duty_facts_hold(oracle: Oracle, facts: Facts, now: State) -> bool:
    """Whether some duty lacks at most statements, tried by answering all open ones yes."""
    said = {
        name: "yes"
        if oracle.conditions[name]["source"] == "statement" and value == "unknown"
        else value
        for name, value in now.items()
    }
    duties = [r for r in oracle.tables.get("rule", []) if r["effect"].startswith("duty")]
    codes = oracle.judge(facts, now)["covers"]
    for duty in duties:
        if duty not in oracle.rules(facts):
            continue
        holds = all(said[n] == "yes" for n in duty.get("all", []))
        holds = holds and all(now[n] == "no" for n in duty.get("none", []))
        if holds and (not codes or _opens_now(oracle, facts, now, duty, set(codes))):
            return True
    return False


def _opens_now(
    oracle: Oracle, facts: Facts, now: State, duty: dict[str, Any], codes: set[str]
) -> bool:
    strikes = [
        r
        for r in oracle.rules(facts)
        if r["effect"] == "strike"
        and all(now[n] != "no" for n in r.get("all", []))
        and not any(now[n] == "yes" for n in r.get("none", []) + r.get("unless", []))
    ]
    return any(
        oracle.opens(duty, code) and not any(oracle._hits(s, duty, code) for s in strikes)
        for code in codes
    )


def mentioned(oracle: Oracle, facts: Facts) -> set[str]:
    rules = [*oracle.rules(facts), *oracle.rows(facts)]
    return {name for r in rules for key in ("all", "none", "unless") for name in r.get(key, [])}


Known = tuple[frozenset[Literal], frozenset[Literal]]


def _knowledge(oracle: Oracle, now: State, after: State) -> frozenset[Literal]:
    return frozenset((n, v == "yes") for n, v in after.items() if v != now[n])


def check_steps(oracle: Oracle, facts: Facts, decision: Decision, most: int) -> None:
    """The listed sets are sufficient, minimal and complete up to `most` literals."""
    now = oracle.state(facts)
    possible = worlds(oracle, completions(facts))
    consent = not duty_facts_hold(oracle, facts, now)
    names = mentioned(oracle, facts)
    literals = [lit for lit in takable(oracle, facts, now, consent=consent) if lit[0] in names]
    for name in sorted(names):
        if oracle.conditions[name]["source"] == "system" and now[name] == "unknown":
            seen = {world[name] for world in possible}
            literals += [(name, True)] if "yes" in seen else []
            literals += [(name, False)] if "no" in seen else []

    listed = {}
    for way in decision.missing:
        answers = tuple((step.condition, step.value) for step in way)
        after = learn(oracle, now, possible, answers)
        assert after is not None, f"contradictory: {answers}"
        assert oracle.judge(facts, after)["lawful"], f"not enough: {answers}"
        listed[answers] = _knowledge(oracle, now, after)
    for one, other in itertools.permutations(listed.values(), 2):
        assert not one <= other, "one set asks for more than another"

    weakest: list[frozenset[Literal]] = []
    for answers in subsets(literals, most):
        after = learn(oracle, now, possible, answers)
        if after is None or not oracle.judge(facts, after)["lawful"]:
            continue
        known = _knowledge(oracle, now, after)
        assert any(way <= known for way in listed.values()), f"left out: {answers}"
        weakest.append(known)
    for known in listed.values():
        assert not any(other < known for other in weakest), "a listed set is not minimal"


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=questions())
def test_the_small_pack_is_answered_as_the_naive_reading_answers_it(
    law: Law, small_tables: Callable[[], Tables], facts: Facts
) -> None:
    check_against(Oracle(small_tables()), law, facts)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(facts=questions())
def test_the_small_packs_steps_are_those_that_brute_force_finds(
    law: Law, small_tables: Callable[[], Tables], facts: Facts
) -> None:
    oracle = Oracle(small_tables())
    decision = check_against(oracle, law, facts)
    if decision.outcome not in ("must", "may") and len(completions(facts)) <= 64:
        check_steps(oracle, facts, decision, 2)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rules=random_rules(), asked=st.lists(questions(), min_size=3, max_size=3))
def test_random_rules_are_answered_as_the_naive_reading_and_brute_force_answer_them(
    load_tables: Callable[[Tables], Law],
    small_tables: Callable[[], Tables],
    rules: list[dict[str, Any]],
    asked: list[Facts],
) -> None:
    tables = small_tables()
    tables["rules/duties.toml"] = {"rule": []}
    ids = {rule["id"] for rule in rules} | {"grounds", "permits", "consents"}
    for rule in rules:
        if rule["effect"] == "strike":
            rule["strikes"] = [n for n in rule["strikes"] if n in ids] or ["grounds"]
    tables["rules/permissions.toml"] = {"rule": rules}
    law = load_tables(tables)
    oracle = Oracle(tables)
    for facts in asked:
        decision = check_against(oracle, law, facts)
        if decision.outcome not in ("must", "may") and len(completions(facts)) <= 64:
            check_steps(oracle, facts, decision, 3)
