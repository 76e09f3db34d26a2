"""A pack with a fault is refused whole, and every fault is named with file and line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import policies
from policies import PackError

Tables = dict[str, dict[str, Any]]
Row = dict[str, Any]
WritePack = Callable[[Path, Tables], Path]


def row(tables: Tables, file: str, table: str, name: str) -> Row:
    for found in tables[file][table]:
        if name in (found.get("id"), found.get("name"), found.get("code"), found.get("act")):
            return found
    raise KeyError(name)


def rule(tables: Tables, rule_id: str) -> Row:
    file = "rules/permissions.toml" if rule_id[0] in "PCT" else "rules/duties.toml"
    return row(tables, file, "rule", rule_id)


def condition(tables: Tables, name: str) -> Row:
    return row(tables, "vocabulary.toml", "condition", name)


def secrecy(tables: Tables, code: str) -> Row:
    rows = tables["secrecy.toml"]["secrecy"]
    return next(found for found in rows if found.get("rule", "none") == code)


def add(tables: Tables, file: str, table: str, **values: Any) -> None:
    tables[file][table].append({"sv": "text", "en": "text", **values})


PERMITS = "rules/permissions.toml"
DUTIES = "rules/duties.toml"
VOCABULARY = "vocabulary.toml"
SECRECY = "secrecy.toml"

Case = tuple[str, Callable[[Tables], Any], str, str]

REFERENCES: list[Case] = [
    (
        "unknown condition",
        lambda t: rule(t, "P-18a")["all"].append("emergency"),
        f"{PERMITS}: rule P-18a, all: unknown condition 'emergency'",
        "emergency",
    ),
    (
        "unknown kind of sender",
        lambda t: rule(t, "P-23").update({"from": ["SOX"]}),
        f"{PERMITS}: rule P-23, from: unknown kind 'SOX'",
        "SOX",
    ),
    (
        "unknown set of kinds",
        lambda t: rule(t, "P-23").update(to=["set:NONE"]),
        f"{PERMITS}: rule P-23, to: unknown set of kinds 'NONE'",
        "set:NONE",
    ),
    (
        "no recipient at all",
        lambda t: rule(t, "P-23").update(to=[]),
        f"{PERMITS}: rule P-23, to: names no kind; write * for every kind",
        "to = []",
    ),
    (
        "unknown secrecy rule",
        lambda t: rule(t, "P-18a").update(opens=["OSL 26:11"]),
        f"{PERMITS}: rule P-18a, opens: no secrecy row or set names 'OSL 26:11'",
        "26:11",
    ),
    (
        "unknown set of secrecy rules",
        lambda t: rule(t, "P-18a").update(opens=["set:OPEN_99"]),
        f"{PERMITS}: rule P-18a, opens: unknown set of secrecy rules 'OPEN_99'",
        "OPEN_99",
    ),
    (
        "something that is no selector",
        lambda t: rule(t, "P-18a").update(opens=["26 kap."]),
        f"{PERMITS}: rule P-18a, opens: '26 kap.' is not a selector of secrecy rules",
        "26 kap.",
    ),
    (
        "unknown struck rule",
        lambda t: rule(t, "H-4").update(strikes=["P-99"]),
        f"{DUTIES}: rule H-4, strikes: unknown rule 'P-99'",
        "P-99",
    ),
    (
        "unknown caution",
        lambda t: rule(t, "P-18a").update(cautions=["U99"]),
        f"{PERMITS}: rule P-18a, cautions: unknown caution 'U99'",
        "U99",
    ),
    (
        "unknown caution about a kind",
        lambda t: t["vocabulary.toml"]["kind"][0].update(cautions=["U99"]),
        "vocabulary.toml: kind SOC, cautions: unknown caution 'U99'",
        "U99",
    ),
    (
        "act that no source lists",
        lambda t: rule(t, "P-18a").update(cite=[{"act": "XYZ", "at": "1"}]),
        f"{PERMITS}: rule P-18a, cite: the act 'XYZ' is not listed in sources.toml",
        "XYZ",
    ),
    (
        "provision that the source does not list",
        lambda t: rule(t, "D-4").update(cite=[{"act": "lag (2025:170)", "at": "9"}]),
        f"{DUTIES}: rule D-4, cite: lag (2025:170) 9 is not among its provisions in sources.toml",
        'at = "9"',
    ),
    (
        "provision written in words",
        lambda t: rule(t, "P-18a").update(cite=[{"act": "OSL", "at": "10 kap. 18 a §"}]),
        f"{PERMITS}: rule P-18a, cite: '10 kap. 18 a §' is not written like 10:18a or 7",
        "10 kap.",
    ),
    (
        "day of an amendment that is not named",
        lambda t: rule(t, "P-18a").update(
            cite=[{"act": "OSL", "at": "10:18a", "amended_from": date(2028, 7, 1)}]
        ),
        f"{PERMITS}: rule P-18a, cite: amended_from needs amended_by, the act that amends",
        "10:18a",
    ),
    (
        "no citation",
        lambda t: rule(t, "P-18a").update(cite=[]),
        f"{PERMITS}: rule P-18a, cite: needs at least one citation with act and section",
        "cite = []",
    ),
    (
        "unknown parameter",
        lambda t: condition(t, "under_21").update(value={"parameter": "age_x"}),
        f"{VOCABULARY}: condition under_21, value: unknown parameter 'age_x'",
        "age_x",
    ),
    (
        "unknown actor",
        lambda t: condition(t, "risk").update(by=["nobody"]),
        f"{VOCABULARY}: condition risk, by: unknown actor 'nobody'",
        "nobody",
    ),
    (
        "unknown act of a role",
        lambda t: row(t, "roles.toml", "role", "admin").update(acts=["read_all"]),
        "roles.toml: role admin, acts: unknown act 'read_all'",
        "read_all",
    ),
    (
        "a role that a rule asks for and that decides nothing in person",
        lambda t: (
            t["roles.toml"]["act"].append({"code": "decide_in_person", "sv": "s", "en": "e"}),
            row(t, "roles.toml", "role", "admin").update(acts=["decide_in_person"]),
        ),
        f"{VOCABULARY}: condition head_decides, value: "
        "the role 'principal' lacks the act 'decide_in_person'",
        'value = "principal"',
    ),
    (
        "unknown holder of a category",
        lambda t: row(t, VOCABULARY, "category", "K1").update(holders=["SCHOOL", "NASA"]),
        f"{VOCABULARY}: category K1, holders: unknown kind 'NASA'",
        "NASA",
    ),
    (
        "unknown category in a row",
        lambda t: secrecy(t, "OSL 35:1").update(categories=["K17", "K18"]),
        f"{SECRECY}: secrecy OSL 35:1, categories: unknown category 'K18'",
        "K18",
    ),
    (
        "row for a holder that cannot hold the category",
        lambda t: secrecy(t, "OSL 35:1").update(holders=["SOC"]),
        f"{SECRECY}: secrecy OSL 35:1, holders: category K17 is not held by SOC",
        "SOC",
    ),
    (
        "member of a set that is no selector",
        lambda t: row(t, SECRECY, "set", "SOCIAL").update(members=["set:MUNICIPAL"]),
        f"{SECRECY}: set SOCIAL, members: 'set:MUNICIPAL' is not a selector of secrecy rules",
        "members",
    ),
]

MEANING: list[Case] = [
    (
        "a step against a permission",
        lambda t: rule(t, "P-18a").update(none=["boss_ok"]),
        f"{PERMITS}: rule P-18a, none: step 'boss_ok' must not count against a disclosure "
        "(monotonicity)",
        "boss_ok",
    ),
    (
        "a step that sets off a stop",
        lambda t: rule(t, "H-11").update(all=["risk"]),
        f"{DUTIES}: rule H-11, all: step 'risk' must not count against a disclosure (monotonicity)",
        "risk",
    ),
    (
        "a step as an exception to a stop that is not written as a cure",
        lambda t: rule(t, "H-11").update(none=["risk"]),
        f"{DUTIES}: rule H-11, none: step 'risk' must not count against a disclosure "
        "(monotonicity)",
        "risk",
    ),
    (
        "a step in the secrecy table",
        lambda t: secrecy(t, "OSL 18:1").update(all=["risk"]),
        f"{SECRECY}: secrecy OSL 18:1, all: 'risk' is a step; only system conditions say what is "
        "secret",
        "risk",
    ),
    (
        "a duty that waits for consent",
        lambda t: rule(t, "D-1")["all"].append("guardian_ok"),
        f"{DUTIES}: rule D-1, all: a duty does not depend on consent, so not on 'guardian_ok'",
        "guardian_ok",
    ),
    (
        "a consent rule without consent",
        lambda t: rule(t, "C-1").update(all=["adult"]),
        f"{PERMITS}: rule C-1, all: a consent rule needs a consent condition",
        "adult",
    ),
    (
        "the general clause on social services",
        lambda t: rule(t, "P-27")["opens"].append("OSL 26:1"),
        f"{PERMITS}: rule P-27, opens: OSL 10:27 cannot open OSL 26:1",
        "26:1",
    ),
    (
        "10:15 a on health, and outside chapters 21-40",
        lambda t: rule(t, "P-23").update(
            opens=["OSL 18:1", "OSL 25:1", "OSL 26:1"], cite=[{"act": "OSL", "at": "10:15a"}]
        ),
        f"{PERMITS}: rule P-23, opens: OSL 10:15a cannot open OSL 18:1, OSL 25:1",
        "25:1",
    ),
    (
        "the head teacher's duty on social services",
        lambda t: rule(t, "D-4").update(opens=["chapter:OSL 21-26"]),
        f"{DUTIES}: rule D-4, opens: lag (2025:170) 7 cannot open OSL 25:1, OSL 26:1, OSL 26:3",
        "chapter",
    ),
    (
        "a ground that opens nothing",
        lambda t: rule(t, "P-18a").update(opens=[]),
        f"{PERMITS}: rule P-18a, opens: a permit opens at least one secrecy rule",
        "opens = []",
    ),
    (
        "a ground with a cure",
        lambda t: rule(t, "P-18a").update(unless=["boss_ok"]),
        f"{PERMITS}: rule P-18a, unless: a permit has no unless",
        "unless",
    ),
    (
        "a strike that opens",
        lambda t: rule(t, "H-4").update(opens=["all"]),
        f"{DUTIES}: rule H-4, opens: a strike has no opens",
        "opens",
    ),
    (
        "a strike of nothing",
        lambda t: rule(t, "H-4").update(strikes=[]),
        f"{DUTIES}: rule H-4, strikes: a strike names the grounds it rules out",
        "strikes",
    ),
    (
        "a stop that names grounds",
        lambda t: rule(t, "H-11").update(strikes=["grounds"]),
        f"{DUTIES}: rule H-11, strikes: a stop rules out everything; a strike can name grounds",
        "strikes",
    ),
    (
        "a permission with a channel",
        lambda t: rule(t, "P-18a").update(separate_channel=True),
        f"{PERMITS}: rule P-18a, separate_channel: only a strike asks for a separate channel",
        "separate_channel",
    ),
    (
        "for and against at once",
        lambda t: rule(t, "P-18a").update(none=["under_21"]),
        f"{PERMITS}: rule P-18a, none: 'under_21' is in all as well, so this can never hold",
        "none",
    ),
    (
        "a condition twice",
        lambda t: rule(t, "P-18a")["all"].append("risk"),
        f"{PERMITS}: rule P-18a, all: 'risk' is listed twice",
        "risk",
    ),
    (
        "an id of the engine",
        lambda t: rule(t, "T-1").update(id="T-0"),
        f"{PERMITS}: rule T-0, id: 'T-0' is an id that the engine itself uses",
        "T-0",
    ),
    (
        "a row with a rule that says there is none",
        lambda t: secrecy(t, "OSL 35:1").update(no_secrecy=True, presumption="NONE"),
        f"{SECRECY}: secrecy OSL 35:1, rule: a row has either a rule or no_secrecy = true",
        "rule",
    ),
    (
        "a secrecy rule without presumption",
        lambda t: secrecy(t, "OSL 35:1").pop("presumption"),
        f"{SECRECY}: secrecy OSL 35:1, presumption: is NONE exactly when no_secrecy = true",
        "[[secrecy]]",
    ),
    (
        "nothing secret in any category",
        lambda t: secrecy(t, "none").update(categories=["*"]),
        f"{SECRECY}: secrecy [0], categories: a no_secrecy row names its categories",
        "categories",
    ),
]

WORDS: list[Case] = [
    (
        "a text in one language only",
        lambda t: rule(t, "P-18a").update(explain_en=" "),
        f"{PERMITS}: rule P-18a, explain_en: the text is empty",
        "explain_en",
    ),
    (
        "a statement without its question",
        lambda t: condition(t, "risk").update(question_en=""),
        f"{VOCABULARY}: condition risk, question_en: a statement needs the question that a form "
        "asks",
        "question_en",
    ),
    (
        "a step nobody can take",
        lambda t: condition(t, "risk").update(by=[]),
        f"{VOCABULARY}: condition risk, by: a step needs at least one actor who can take it",
        "by",
    ),
    (
        "a fact that does not exist",
        lambda t: condition(t, "pregnant").update(fact="person.colour"),
        f"{VOCABULARY}: condition pregnant, fact: there is no fact 'person.colour' in "
        "vocabulary.py",
        "person.colour",
    ),
    (
        "an operation that does not suit",
        lambda t: condition(t, "pregnant").update(op="<"),
        f"{VOCABULARY}: condition pregnant, op: '<' does not suit person.pregnant, which is a bool",
        "op",
    ),
    (
        "a value that does not suit",
        lambda t: condition(t, "adult").update(value="18"),
        f"{VOCABULARY}: condition adult, value: '18' does not suit person.age >=",
        "value",
    ),
    (
        "a code that does not exist",
        lambda t: condition(t, "to_care").update(value="caer"),
        f"{VOCABULARY}: condition to_care, value: unknown purpose 'caer'",
        "caer",
    ),
    (
        "a parameter where a code is meant",
        lambda t: condition(t, "to_care").update(value={"parameter": "age_limit"}),
        f"{VOCABULARY}: condition to_care, value: a parameter is a number; purpose is not",
        "parameter",
    ),
    (
        "a step that calls itself known",
        lambda t: condition(t, "subject_ok").update(source="system"),
        f"{VOCABULARY}: condition subject_ok, source: consent.subject is a step, so the source is "
        "not system",
        "source",
    ),
    (
        "a statement about somebody else's statement",
        lambda t: condition(t, "risk").update(fact="statement.harm"),
        f"{VOCABULARY}: condition risk, fact: a statement asks statement.risk, not "
        "'statement.harm'",
        "statement.harm",
    ),
    (
        "a consent that is refused",
        lambda t: condition(t, "subject_ok").update(value="refused"),
        f"{VOCABULARY}: condition subject_ok, value: a consent is compared with is 'given' only",
        "refused",
    ),
    (
        "circumstances of what the system knows",
        lambda t: condition(t, "pregnant").update(min_circumstances=1),
        f"{VOCABULARY}: condition pregnant, min_circumstances: only a statement has circumstances",
        "min_circumstances",
    ),
]

DATES: list[Case] = [
    (
        "an end before the beginning",
        lambda t: rule(t, "P-27").update(valid_to=date(1999, 1, 1)),
        f"{PERMITS}: rule P-27, valid_to: 1999-01-01 is before valid_from 2000-01-01",
        "valid_to",
    ),
    (
        "two versions at once",
        lambda t: rule(t, "P-18a").update(valid_from=date(2025, 3, 31)),
        f"{PERMITS}: rule P-18a, valid_from: is in force together with P-18a@2013, of which it is "
        "a version; end that or name an alternative",
        "2025-03-31",
    ),
    (
        "two values at once",
        lambda t: t["parameters.toml"]["parameter"].append(
            {**t["parameters.toml"]["parameter"][0], "valid_from": date(2020, 1, 1)}
        ),
        "parameters.toml: parameter age_limit, valid_from: overlaps the earlier value of age_limit",
        "2020-01-01",
    ),
    (
        "a rule older than its parameter",
        lambda t: t["parameters.toml"]["parameter"][0].update(valid_from=date(2013, 1, 1)),
        f"{PERMITS}: rule P-18a@2013, all: 'under_21' uses parameter 'age_limit', which has no "
        "value on 2000-01-01",
        "under_21",
    ),
    (
        "a threshold without its number",
        lambda t: t["parameters.toml"]["parameter"][1].update(valid_to=date(2026, 1, 1)),
        f"{PERMITS}: rule P-23, all: 'serious' uses parameter 'crime_months_10_23_completed', "
        "which has no value on 2026-01-02",
        "serious",
    ),
]

SHAPE: list[Case] = [
    (
        "an unknown key",
        lambda t: rule(t, "P-18a").update(cites=[]),
        f"{PERMITS}: rule P-18a, cites: unknown key 'cites'",
        "cites",
    ),
    (
        "a missing key",
        lambda t: rule(t, "P-18a").pop("confidence"),
        f"{PERMITS}: rule P-18a, confidence: missing key 'confidence'",
        "[[rule]]",
    ),
    (
        "an effect that does not exist",
        lambda t: rule(t, "P-18a").update(effect="allow"),
        f"{PERMITS}: rule P-18a, effect: Invalid enum value 'allow'",
        "effect",
    ),
    (
        "a table that does not exist",
        lambda t: t[PERMITS].update(ruel=[{"id": "x"}]),
        f"{PERMITS}: unknown table 'ruel'; it can hold rule",
        "[[ruel]]",
    ),
    (
        "one id twice",
        lambda t: rule(t, "C-2").update(id="C-1", version_of="C-2"),
        f"{PERMITS}: rule C-1, id: 'C-1' is already defined in {PERMITS}",
        'id = "C-1"',
    ),
    (
        "one name twice",
        lambda t: add(t, VOCABULARY, "actor", code="boss"),
        f"{VOCABULARY}: actor boss, code: 'boss' is already defined in {VOCABULARY}",
        'code = "boss"',
    ),
    (
        "an engine of another time",
        lambda t: t["pack.toml"][""].update(engine="7"),
        "pack.toml: asks for engine '7'; this is engine '1'",
        "",
    ),
    (
        "a pack in one language",
        lambda t: t["pack.toml"][""].update(languages=["sv"]),
        "pack.toml: languages lacks 'en'; every text is in both",
        "",
    ),
    (
        "a caution that the engine needs",
        lambda t: t[VOCABULARY]["caution"].pop(0),
        f"{VOCABULARY}: the caution 'LEAP' is not defined; the engine adds it to answers",
        "",
    ),
]


@pytest.mark.parametrize(
    ("change", "message", "line"),
    [
        pytest.param(change, message, line, id=name.replace(" ", "-"))
        for name, change, message, line in REFERENCES + MEANING + WORDS + DATES + SHAPE
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    tmp_path: Path,
    tables: Tables,
    write_pack: WritePack,
    change: Callable[[Tables], Any],
    message: str,
    line: str,
) -> None:
    change(tables)
    write_pack(tmp_path, tables)
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    named = {f"{p.file}: {p.message}": p for p in caught.value.problems}
    assert message in named
    problem = named[message]
    if line:
        text = (tmp_path / problem.file).read_text(encoding="utf-8").splitlines()
        assert line in text[problem.line - 1]
        assert f"{problem.file}:{problem.line}: " in str(caught.value)


def test_every_fault_is_reported_at_once(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    rule(tables, "P-18a").update(sv="", cites=[], confidence="Z")
    rule(tables, "P-27")["all"].append("nonsense")
    condition(tables, "risk").update(by=[])
    (write_pack(tmp_path, tables) / "parameters.toml").write_text("[[crime\n")
    (tmp_path / "sources.toml").unlink()
    with pytest.raises(PackError) as caught:
        policies.load(tmp_path)
    found = str(caught.value)
    for piece in ("cites", "confidence", "nonsense", "condition risk, by", "not valid TOML",
                  "sources.toml: the file is missing"):  # fmt: skip
        assert piece in found


def test_a_file_that_is_not_toml_is_named_with_its_line(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    file = write_pack(tmp_path, tables) / "roles.toml"
    file.write_text('[[act]]\ncode = "a\n')
    with pytest.raises(PackError, match=r"roles\.toml:2: is not valid TOML"):
        policies.load(tmp_path)


def test_a_file_that_is_not_text_is_named(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    (write_pack(tmp_path, tables) / "roles.toml").write_bytes(b"# ok\n\xff\xfe")
    with pytest.raises(PackError, match=r"roles\.toml:2: is not UTF-8 text"):
        policies.load(tmp_path)


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    file = write_pack(tmp_path, tables) / "roles.toml"
    file.unlink()
    file.symlink_to(tmp_path / "gone")
    with pytest.raises(PackError, match=r"roles\.toml: cannot be read"):
        policies.load(tmp_path)


def test_a_file_that_belongs_to_no_pack_is_not_passed_over(
    tmp_path: Path, tables: Tables, write_pack: WritePack
) -> None:
    (write_pack(tmp_path, tables) / "rulez.toml").write_text("")
    with pytest.raises(PackError, match=r"rulez\.toml: is not a file of a rule pack"):
        policies.load(tmp_path)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="there is no such folder; name a rule pack"):
        policies.load(tmp_path / "nowhere")
