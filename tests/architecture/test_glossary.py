"""One word for one thing: GLOSSARY.md, the code and the Swedish texts say the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "audit", "policies")

# What the code must not call a thing, and what it is called instead.
BANNED_IN_CODE = {
    "share": "disclose",
    "shares": "disclosures",
    "shared": "disclosed",
    "sharing": "disclosure",
    "inquiry": "preliminary assessment, or investigation",
    "patient": "subject",
    "citizen": "subject",
}

STATUTORY_NOTICE = r"\bunderrättelsen?\b(?! om\b)"
"""In a rule's own text the statutes' word for a notice may stand; nowhere else."""

PERMITTED = r"\btillåt(?:en|et|na)\b"
"""What a provision permits can be said in the rules; the system itself never says it."""

# What staff must not read, and what they read instead. `underrättelse` is police intelligence,
# and a `granskning` is another thing than a `loggkontroll`.
BANNED_IN_SWEDISH = {
    r"(?<!får jag )\bdela[rst]?\b(?! (?:upp|in)\b)": "lämna ut",
    STATUTORY_NOTICE: "orosanmälan",
    r"\bmottaget\b": "inkommet",
    r"\bjournalanteckning(?:ar|en|arna)?\b": "anteckning om samverkan",
    r"\blogg?granskning(?:en|ar)?\b": "loggkontroll",
    PERMITTED: "kan lämnas ut efter din bedömning, or genomfört",
}


def sources() -> list[tuple[str, str]]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]


def rows() -> list[tuple[str, list[str], str, str]]:
    """Swedish term, English code names, meaning, source: the table of GLOSSARY.md."""
    found = []
    table = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").split("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| ") or cells[0] == "Svenska" or set(line) <= set("|- "):
            continue
        assert len(cells) == 4, line
        found.append((cells[0], re.findall(r"`([^`]+)`", cells[1]), cells[2], cells[3]))
    return found


def names_in_code() -> set[str]:
    """Every class, function and module; in double quotes, every text that stands alone."""
    found: set[str] = set()
    for place, source in sources():
        found |= {part.removesuffix(".py") for part in place.split("/")}
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(f'"{node.value}"')
    return found


def words(identifier: str) -> list[str]:
    """`a_sharedNote` -> a, shared, note."""
    return [part.lower() for part in re.findall(r"[A-Za-z][a-z]*", identifier)]


def banned_identifiers(source: str) -> list[str]:
    identifiers: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            identifiers.add(node.name)
        elif isinstance(node, ast.Name):
            identifiers.add(node.id)
        elif isinstance(node, ast.arg):
            identifiers.add(node.arg)
        elif isinstance(node, ast.Attribute):
            identifiers.add(node.attr)
    return sorted(name for name in identifiers if set(words(name)) & set(BANNED_IN_CODE))


def banned_swedish(text: str, *, in_a_rule: bool = False) -> list[str]:
    return [
        found.group()
        for pattern in BANNED_IN_SWEDISH
        if not (in_a_rule and pattern in (STATUTORY_NOTICE, PERMITTED))
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def swedish_texts() -> list[tuple[str, str]]:
    """What staff read: templates, catalogues, rule packs and the texts in code."""
    found = [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for folder, pattern in [
            ("app/web/templates", "*.html"),
            ("app/translations", "*.po"),
            ("policies", "*.toml"),
        ]
        for path in sorted((ROOT / folder).rglob(pattern))
    ]
    for place, source in sources():
        texts = [
            node.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found.append((place, "\n".join(texts)))
    return found


def test_the_glossary_is_a_table_with_every_cell_filled() -> None:
    assert len(rows()) > 25
    for swedish, names, meaning, source in rows():
        assert all([swedish, names, meaning, source]), swedish


def test_no_term_has_two_rows() -> None:
    terms = [swedish for swedish, *_ in rows()]
    assert sorted(terms) == sorted(set(terms))


def test_the_glossary_is_in_alphabetical_order() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyzåäö"
    keys = [
        [alphabet.index(letter) for letter in swedish.lower() if letter in alphabet]
        for swedish, *_ in rows()
    ]
    assert keys == sorted(keys)


def test_every_name_in_the_glossary_is_in_the_code() -> None:
    there = names_in_code()
    missing = [(swedish, n) for swedish, names, *_ in rows() for n in names if n not in there]
    assert missing == [], missing


def test_no_identifier_uses_a_word_the_glossary_replaces() -> None:
    wrong = {p: found for p, source in sources() if (found := banned_identifiers(source))}
    assert wrong == {}, wrong


def test_no_swedish_text_uses_a_word_the_glossary_replaces() -> None:
    wrong = {
        place: found
        for place, text in swedish_texts()
        if (found := banned_swedish(text, in_a_rule=place.startswith("policies/rules/")))
    }
    assert wrong == {}, wrong


@pytest.mark.parametrize(
    "source", ["def share_note(): pass", "class NoteSharing: pass", "x = note.shared_with"]
)
def test_a_planted_banned_identifier_is_seen(source: str) -> None:
    assert banned_identifiers(source) != []


@pytest.mark.parametrize(
    "text",
    [
        "Dela anteckningen",
        "den delas med polisen",
        "En underrättelse kom in",
        "Mottaget i dag",
        "tillåten",
        "Det är tillåtet",
    ],
)
def test_a_planted_banned_word_is_seen(text: str) -> None:
    assert banned_swedish(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "Får jag dela det här?",
        "ta del av",
        "dela upp texten",
        "meddela vårdnadshavaren",
        "underrättelseverksamhet",
        "underrättelsen om att eleven stängs av",
        "mottagare",
        "lagen tillåter det inte",
        "otillåten",
    ],
)
def test_a_word_that_only_looks_banned_is_let_through(text: str) -> None:
    assert banned_swedish(text) == []
