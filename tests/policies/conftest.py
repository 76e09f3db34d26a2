"""A small pack that has one of everything, and ways to write it, break it and ask it.

Its rules are made for the engine's sake; the law is tested with the packaged pack.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import policies
from policies import Decision, Facts, Law, decide
from policies.scenarios import facts_of

Tables = dict[str, dict[str, Any]]

DAY = date(2026, 11, 23)
LONG_AGO = date(2000, 1, 1)


def _both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


def _kind(code: str, *, authority: bool = True, **more: Any) -> dict[str, Any]:
    return {"code": code, "authority": authority, **_both(code.lower()), **more}


def _term(code: str) -> dict[str, Any]:
    return {"code": code, **_both(code)}


def _system(name: str, fact: str, op: str = "is", value: Any = True) -> dict[str, Any]:
    row = {"name": name, "source": "system", "fact": fact, "op": op, "value": value}
    return {**row, "by": ["handler"], **_both(name.replace("_", " "))}


def _statement(name: str) -> dict[str, Any]:
    row = {"name": name, "source": "statement", "by": ["handler"], "min_circumstances": 1}
    return {**row, "question_sv": f"{name}?", "question_en": f"{name}?", **_both(name)}


def _step(name: str, source: str, actor: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "by": [actor], **more, **_both(name)}


def _cite(at: str, act: str = "OSL") -> list[dict[str, str]]:
    return [{"act": act, "at": at}]


def _row(holders: list[str], categories: list[str], rule: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"holders": holders, "categories": categories, "valid_from": LONG_AGO}
    row |= {"rule": rule, "presumption": "STRONG"} if rule else {"no_secrecy": True}
    return {
        **row,
        "cite": _cite(rule.split(" ")[-1].split("/")[0] or "8:1"),
        **_both(rule or "not secret"),
        **more,
    }


def _rule(rule_id: str, effect: str, sender: Any, to: Any, at: str, **more: Any) -> dict[str, Any]:
    return {
        "id": rule_id,
        "version_of": more.pop("version_of", rule_id),
        "effect": effect,
        "from": sender,
        "to": to,
        "cite": more.pop("cite", _cite(at)),
        "valid_from": LONG_AGO,
        "confidence": "A",
        **_both(f"title of {rule_id}"),
        "explain_sv": "klartext",
        "explain_en": "plain words",
        **more,
    }


def _vocabulary() -> dict[str, Any]:
    return {
        "kind": [
            *(_kind(code) for code in ("SOC", "SCHOOL", "POLICE", "LEISURE")),
            _kind("OWNER", authority_from=date(2027, 1, 1)),
        ],
        "category": [
            {"code": "K1", "holders": ["SCHOOL"], **_both("class room")},
            {"code": "K3", "holders": ["SCHOOL"], **_both("pupil health")},
            {"code": "K5", "holders": ["SCHOOL"], **_both("identity")},
            {"code": "K11", "holders": ["SOC"], **_both("social services")},
            {"code": "K15", "holders": ["SOC"], **_both("with ward data")},
            {"code": "K17", "holders": ["POLICE"], **_both("police")},
            {"code": "K99", "holders": ["*"], **_both("nothing settles it")},
        ],
        "purpose": [_term("prevent_crime"), _term("care")],
        "contact_kind": [_term("phone"), _term("home_address")],
        "actor": [_term(a) for a in ("handler", "subject", "guardian", "boss", "recipient")],
        "caution": [{"id": c, **_both(f"caution {c}")} for c in ("LEAP", "U1", "U2", "U16")],
        "condition": [
            _system("to_authority", "recipient.is_authority"),
            _system("under_18", "person.age", "<", 18),
            _system("under_21", "person.age", "<", {"parameter": "age_limit"}),
            _system("adult", "person.age", ">=", 18),
            _system("child_case", "case_subject.age", "<", 18),
            _system("to_prevent", "purpose", "in", ["prevent_crime"]),
            _system("to_care", "purpose", "is", "care"),
            _system("committed", "item.committed_crime"),
            _system("serious", "crime.threshold_23"),
            _system("against_life", "crime.chapter", "in", ["BrB 3"]),
            _system("investigation", "item.investigation"),
            _system("protected", "person.protected"),
            _system("contact_data", "item.is_contact_data"),
            _system("phone_only", "item.contact_kind", "is", "phone"),
            _system("verified", "requester_verified"),
            _system("pregnant", "person.pregnant"),
            _system("own_listed", "sender.own_secrecy", "in", ["OSL 35:1"]),
            *(_statement(s) for s in ("fares_badly", "risk", "harmless", "outweighs")),
            _step("subject_ok", "consent", "subject", fact="consent.subject", value="given"),
            _step("guardian_ok", "consent", "guardian", fact="consent.guardian", value="given"),
            _step("asked", "request", "recipient", fact="initiative", value="request"),
            _step("boss_ok", "approval", "boss"),
            _step("head_decides", "approval", "boss", fact="decider.role", value="principal"),
        ],
    }


def _secrecy() -> dict[str, Any]:
    crimes = {"cautions": ["U2"]}
    return {
        "set": [
            {"name": "SOCIAL", "members": ["OSL 26:1", "OSL 26:3"]},
            {"name": "MUNICIPAL", "of": "kinds", "members": ["SOC", "SCHOOL", "LEISURE"]},
        ],
        "secrecy": [
            _row(["SCHOOL"], ["K1"], "", none=["protected"]),
            _row(["SCHOOL"], ["K1", "K5"], "OSL 23:2/st3", all=["protected"]),
            _row(["SCHOOL"], ["K5"], "", none=["contact_data"]),
            _row(["SCHOOL"], ["K3"], "OSL 23:2/st1"),
            _row(["SOC"], ["K11", "K15"], "OSL 26:1"),
            _row(["SOC"], ["K15"], "OSL 25:1"),
            _row(["POLICE"], ["K17"], "OSL 35:1"),
            _row(["*"], ["*"], "OSL 18:1", all=["investigation"], **crimes),
            _row(["*"], ["*"], "OSL 21:3", all=["protected", "contact_data"]),
        ],
        "receiver": [
            {"kinds": ["SOC"], "rule": "OSL 26:1", "covers": ["all"]},
            {"kinds": ["POLICE"], "rule": "OSL 35:1", "covers": ["all"]},
            {"kinds": ["*"], "covers": ["OSL 18:1", "OSL 21:3"]},
        ],
    }


def _duties_and_bars() -> list[dict[str, Any]]:
    every = ["*"]
    head = {"cite": _cite("7", "lag (2025:170)"), "opens": ["chapter:OSL 21-23"]}
    return [
        _rule("D-1", "duty_own", every, ["SOC"], "10:28", opens=["all"],
              all=["child_case", "fares_badly"]),
        _rule("D-4", "duty_own", ["SCHOOL"], ["POLICE"], "", all=["head_decides", "outweighs"],
              none=["pregnant"], **head),
        _rule("D-5", "duty_request", every, ["POLICE"], "10:28", opens=["all"],
              not_opens=["OSL 18:1"], all=["asked", "verified", "contact_data"]),
        _rule("H-4", "strike", ["SOC"], every, "10:18a", all=["committed"],
              strikes=["P-18a"], cautions=["U1"]),
        _rule("H-5", "strike", ["SCHOOL"], ["POLICE"], "8:1", all=["own_listed"],
              strikes=["D-4"]),
        _rule("H-8", "strike", every, every, "21:3", all=["protected", "contact_data"],
              strikes=["grounds"], secrecy=["OSL 21:3"], separate_channel=True),
        _rule("H-11", "stop", ["set:MUNICIPAL"], every, "18:1", all=["investigation"],
              unless=["boss_ok"]),
    ]  # fmt: skip


def _permits() -> list[dict[str, Any]]:
    care = {"all": ["to_care", "outweighs"], "opens": ["OSL 25:1", "OSL 26:1"]}
    return [
        _rule("P-18a@2013", "permit", ["SOC"], ["POLICE"], "10:18a", version_of="P-18a",
              opens=["OSL 26:1"], all=["under_21", "risk", "boss_ok"],
              valid_to=date(2025, 3, 31)),
        _rule("P-18a", "permit", ["SOC"], ["POLICE"], "10:18a", opens=["OSL 26:1"],
              all=["under_21", "risk"], valid_from=date(2025, 4, 1), cautions=["U1"]),
        _rule("P-23", "permit", ["SOC"], ["POLICE"], "10:23", all=["committed", "serious"],
              opens=["set:SOCIAL", "OSL 25:1"]),
        _rule("P-23b", "permit", ["SOC"], ["POLICE"], "10:21", version_of="P-23",
              opens=["set:SOCIAL"], all=["committed", "against_life"], alternative="life"),
        _rule("P-27", "permit", ["SCHOOL", "POLICE"], every_authority(), "10:27",
              opens=["OSL 23:2", "OSL 35:1", "OSL 21:3"], all=["to_authority", "outweighs"]),
        _rule("P-26", "permit", ["SOC"], ["SOC", "LEISURE"], "26:9", none=["committed"], **care),
        _rule("C-1", "consent", ["*"], ["*"], "12:2", all=["adult", "subject_ok"],
              opens=["all"], not_opens=["OSL 18:1"], confidence="B"),
        _rule("C-2", "consent", ["*"], ["*"], "12:3", all=["under_18", "guardian_ok"],
              opens=["all"], not_opens=["OSL 18:1"]),
        _rule("T-1", "harm_test", ["*"], ["*"], "8:1", all=["harmless"],
              opens=["chapter:OSL 18-26"]),
    ]  # fmt: skip


def every_authority() -> list[str]:
    return ["SOC", "SCHOOL", "POLICE", "LEISURE", "OWNER"]


def pack_tables() -> Tables:
    """A fresh copy of the small pack, as tables by file."""
    secrecy = _secrecy()
    for row in secrecy["receiver"]:
        row |= {"cite": _cite("7:2"), "valid_from": LONG_AGO}
    crimes = [("theft", "BrB 8", 0), ("assault", "BrB 3", 18), ("fire", "BrB 13", 6)]
    source = {"url": "https://example.org", "read_to": "SFS 2026:317", **_both("act")}
    source["reviewed_by"] = "research, not yet reviewed by a lawyer"
    dated = {"cite": _cite("10:23"), "valid_from": LONG_AGO}
    numbers = [("age_limit", 21, "years"), ("crime_months_10_23_completed", 6, "months")]
    numbers.append(("crime_months_10_23_attempt", 12, "months"))
    return {
        "pack.toml": {"": {"id": "small", "version": "1", "engine": "1"}},
        "vocabulary.toml": _vocabulary(),
        "secrecy.toml": secrecy,
        "parameters.toml": {
            "parameter": [{"name": n, "value": v, "unit": u, **dated} for n, v, u in numbers],
            "crime": [
                {"code": code, "chapter": chapter, "min_months": months, "imprisonment": True}
                | _both(code)
                | dated
                for code, chapter, months in crimes
            ],
        },
        "sources.toml": {
            "source": [
                {"act": "OSL", "sfs": "2009:400", **source},
                {"act": "lag (2025:170)", "sfs": "2025:170", "provisions": ["6", "7"], **source},
            ]
        },
        "roles.toml": {
            "act": [{"code": "decide", **_both("decide")}, {"code": "run", **_both("run")}],
            "role": [
                {"code": "principal", "acts": ["decide"], **_both("head")},
                {"code": "admin", "acts": ["run"], **_both("admin")},
            ],
        },
        "rules/duties.toml": {"rule": _duties_and_bars()},
        "rules/permissions.toml": {"rule": _permits()},
    }


def toml(value: Any) -> str:
    """A value as inline TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace('"', '\\"') + '"'


def file_text(tables: dict[str, Any]) -> str:
    """One file of a pack."""
    lines: list[str] = []
    for table, rows in tables.items():
        for row in [rows] if table == "" else rows:
            lines += [f"[[{table}]]"] if table else []
            lines += [f"{key} = {toml(value)}" for key, value in row.items()] + [""]
    return "\n".join(lines)


def write(folder: Path, tables: Tables) -> Path:
    """Write a pack into an empty folder."""
    for name, content in tables.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file_text(content), encoding="utf-8")
    return folder


@pytest.fixture
def tables() -> Tables:
    return pack_tables()


@pytest.fixture(scope="session")
def write_pack() -> Callable[[Path, Tables], Path]:
    return write


@pytest.fixture(scope="session")
def load_tables(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], Law]:
    def load(tables: Tables) -> Law:
        return policies.load(write(tmp_path_factory.mktemp("pack"), tables))

    return load


@pytest.fixture(scope="session")
def small_tables() -> Callable[[], Tables]:
    return pack_tables


@pytest.fixture(scope="session")
def law(load_tables: Callable[[Tables], Law]) -> Law:
    return load_tables(pack_tables())


KNOWN = {
    "sender": {"kind": "SOC"},
    "recipient": {"kind": "POLICE"},
    "item": {
        "category": "K11",
        "committed_crime": "no",
        "investigation": "no",
    },
    "person": {"age": 17, "protected": "no", "pregnant": "no"},
    "case_subject_age": 17,
    "purpose": "prevent_crime",
    "initiative": "own",
    "requester_verified": "no",
}


@pytest.fixture(scope="session")
def facts_like(law: Law) -> Callable[..., Facts]:
    """Facts of an ordinary question from SOC to POLICE, with the given ones changed."""

    def make(on: date = DAY, **changes: Any) -> Facts:
        written = copy.deepcopy(KNOWN)
        for name, value in changes.items():
            if isinstance(value, dict) and isinstance(written.get(name), dict):
                written[name] = {**written[name], **value}
                if "born" in value:
                    written[name].pop("age", None)
            else:
                written[name] = value
        return facts_of(law, written, on)

    return make


@pytest.fixture(scope="session")
def packaged() -> Law:
    """The pack that comes with the package."""
    return policies.load()


@pytest.fixture
def ask(
    small_tables: Callable[[], Tables],
    load_tables: Callable[[Tables], Law],
    facts_like: Callable[..., Facts],
) -> Callable[..., Decision]:
    """Ask a pack with these rules and no others."""

    def asked(*rules: dict[str, Any], **facts: Any) -> Decision:
        tables = small_tables()
        tables["rules/duties.toml"] = {"rule": []}
        tables["rules/permissions.toml"] = {"rule": list(rules)}
        return decide(load_tables(tables), facts_like(**facts))

    return asked
