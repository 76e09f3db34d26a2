"""Code that embodies a provision says which, in a `Law:` line that a lawyer can search for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ACTS = r"OSL|SoL|LUL|PSL|PDL|HSL|FB|BrB|KL|FL|TF|DSL|skollagen|polislagen|lag \(\d{4}:\d+\)"
PROVISION = re.compile(rf"\b(?:{ACTS})[ ,]+(?:\d+ ?[a-z]? ?(?:kap|§)|\d+:\d+)")
"""A place in an act, as code and comments write it: `OSL 10 kap. 18 a §`, `OSL 7:1`."""
LEGAL_NUMBER = re.compile(r"ADULT_|MINOR|GUARDIAN_AGE|CHILD_AGE|RETENTION_YEARS|MIN_PENALTY")
"""Constants whose value an act decides."""
LAW = re.compile(r"\bLaw: ")


def files() -> list[Path]:
    folders = (ROOT / "app", ROOT / "policies")
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def unmarked(source: str) -> Iterator[str]:
    """What embodies a provision where neither it, nor what it stands in, has a `Law:` line."""
    # An example of how a provision is written stands in backticks or after `written like`.
    source = re.sub(r"`[^`\n]*`|written like [^\"]*", "", source)
    tree = ast.parse(source)
    whole = bool(LAW.search(ast.get_docstring(tree) or ""))
    lines = source.splitlines()
    yield from _in_body(tree.body, lines, whole)


def _in_body(body: list[ast.stmt], lines: list[str], marked: bool) -> Iterator[str]:
    for number, node in enumerate(body):
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            here = marked or bool(LAW.search(ast.get_docstring(node) or ""))
            if isinstance(node, ast.ClassDef):
                yield from _in_body(node.body, lines, here)
            elif not here and PROVISION.search(text):
                yield f"line {node.lineno}: {node.name} speaks of {_first(text)}"
            continue
        after = body[number + 1] if number + 1 < len(body) else None
        told = text + ("\n" + _string(after) if after is not None else "")
        if marked or LAW.search(told):
            continue
        named = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if _string(node):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(map(LEGAL_NUMBER.search, named)):
            yield f"line {node.lineno}: {', '.join(sorted(named))} is a number that an act decides"
        elif PROVISION.search(text) and isinstance(node, ast.Assign | ast.AnnAssign):
            yield f"line {node.lineno}: {', '.join(sorted(named))} speaks of {_first(text)}"


def _string(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node.value.value if isinstance(node.value.value, str) else ""
    return ""


def _first(text: str) -> str:
    found = PROVISION.search(text)
    return found[0] if found else ""


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_code_that_embodies_a_provision_names_it(path: Path) -> None:
    assert list(unmarked(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ('"""Ages."""\nADULT_YEARS = 18\n', "ADULT_YEARS is a number that an act decides"),
        (
            '"""Ages."""\ndef open_to(age):\n    """OSL 10 kap. 18 a § ends at 21."""\n'
            "    return age < 21\n",
            "open_to speaks of OSL 10 kap",
        ),
        ('"""Rules."""\nNEVER = ("OSL 25:1",)\n', "NEVER speaks of OSL 25:1"),
        (
            '"""Rules."""\nclass Gate:\n    def shut(self):\n        return "SoL 19:1"\n',
            "shut speaks of SoL 19:1",
        ),
    ],
)
def test_a_planted_provision_without_its_law_line_is_seen(planted: str, named: str) -> None:
    (found,) = unmarked(planted)
    assert named in found


@pytest.mark.parametrize(
    "right",
    [
        '"""Ages.\n\nLaw: FB 9 kap. 1 §\n"""\nADULT_YEARS = 18\n',
        '"""Ages."""\nADULT_YEARS = 18\n"""Law: FB 9 kap. 1 §"""\n',
        '"""Ages."""\ndef open_to(age):\n    """Law: OSL 10 kap. 18 a §"""\n    return age < 21\n',
        '"""Reads codes such as OSL 26:1."""\nPATTERN = "x"\n',
    ],
)
def test_a_law_line_where_it_belongs_is_enough(right: str) -> None:
    assert list(unmarked(right)) == []
