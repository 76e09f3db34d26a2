"""Every message that the loader can give has a broken file that is answered with it.

Read from the code: what is handed to `report` or `Problem`, less what a pack fills in. Each such
piece of text must stand in a test of the loader, so a new validation without one fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import policies

CODE = Path(policies.__file__).parent
TESTS = Path(__file__).parent
LOADER = ("check_rules", "check_secrecy", "check_vocabulary", "law", "reading", "references")
LEAST = 6
"""Shorter pieces, such as `, which`, say nothing by themselves."""


def pieces(node: ast.expr) -> Iterator[str]:
    """The fixed text in an expression that makes a message."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.strip()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not isinstance(child, ast.Call | ast.FormattedValue):
            yield from pieces(child)


def messages(source: str) -> Iterator[tuple[int, str]]:
    """Line and fixed text of each message that the code can give."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        assigned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                assigned.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _gives(node.func) and node.args:
                said = node.args[-1]
                given = assigned.get(said.id, []) if isinstance(said, ast.Name) else [said]
                for one in given:
                    yield from ((node.lineno, text) for text in pieces(one) if len(text) >= LEAST)


def _gives(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ("report", "report_at", "Problem")


def expected() -> str:
    """All text in the tests of the loader, pieces that stand side by side joined."""
    out = []
    for file in TESTS.glob("test_*.py"):
        if file.name != Path(__file__).name:
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            strings = [n.value for n in nodes if isinstance(n, ast.Constant)]
            out += [text for text in strings if isinstance(text, str)]
    return "\n".join(out)


@pytest.mark.parametrize("module", LOADER)
def test_every_message_has_a_broken_file(module: str) -> None:
    known = expected()
    source = (CODE / f"{module}.py").read_text(encoding="utf-8")
    untried = sorted({f"{n}: {text}" for n, text in messages(source) if text not in known})
    assert untried == []


def test_a_message_without_a_broken_file_is_seen() -> None:
    source = """
def check(draft, entry, name):
    message = f"{name!r} stands on its head" if name else "is nameless, alas"
    draft.report(entry, "name", message)
    draft.problems.append(Problem(entry, 0, "was never " + "tried"))
"""
    found = {text for _, text in messages(source)}
    assert found == {"stands on its head", "is nameless, alas", "was never", "tried"} - {"tried"}
    assert all(text not in expected() for text in found)


def test_each_module_gives_messages_at_all() -> None:
    count = {m: len(list(messages((CODE / f"{m}.py").read_text("utf-8")))) for m in LOADER}
    assert sum(count.values()) > 60, count
