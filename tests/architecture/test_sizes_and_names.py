"""Files stay short, functions shorter, and every name says what the thing is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "audit", "policies")

MAX_FILE_LINES = 400
MAX_TEST_FILE_LINES = 600
MAX_FUNCTION_LINES = 50

NAMES_THAT_SAY_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "miscellaneous",
    "util",
    "utils",
}

# The edge: the only places that may look at the clock, the environment or the terminal. Everything
# below is handed the time, the settings and the keys, so that a test can hand it others.
EDGE = ("app/main.py", "app/cli.py", "*/__main__.py")
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
ENVIRONMENT = {("os", "environ"), ("os", "getenv"), ("os", "environb"), ("os", "putenv")}


def product_files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_files() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


# pytest would collect the function above as a test by its name.
test_files.__test__ = False  # type: ignore[attr-defined]


def at_edge(path: Path) -> bool:
    return any(path.relative_to(ROOT).match(pattern) for pattern in EDGE)


def name(path: Path, line: int | None = None) -> str:
    place = str(path.relative_to(ROOT))
    return place if line is None else f"{place}:{line}"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def too_long_files(paths: list[Path], limit: int) -> list[str]:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{name(path)} has {n} lines" for path, n in lengths.items() if n >= limit]


def dotted(node: ast.expr) -> tuple[str, str] | None:
    """The last two parts of `a.b.c`, e.g. `("b", "c")`; None for anything else."""
    if not isinstance(node, ast.Attribute):
        return None
    if isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    if isinstance(node.value, ast.Attribute):
        return node.value.attr, node.attr
    return None


def uses(source: str, wanted: set[tuple[str, str]]) -> list[int]:
    """Lines that use one of the wanted `module.name` pairs, also when imported by name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and dotted(node) in wanted:
            found.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "time"}:
            found += [node.lineno for alias in node.names if (node.module, alias.name) in wanted]
    return sorted(found)


def test_no_file_of_the_product_reaches_400_lines() -> None:
    found = too_long_files(product_files(), MAX_FILE_LINES)
    assert found == [], "\n".join(found)


def test_no_test_file_reaches_600_lines() -> None:
    found = too_long_files(test_files(), MAX_TEST_FILE_LINES)
    assert found == [], "\n".join(found)


def test_no_function_reaches_50_lines() -> None:
    long = [
        f"{name(path, node.lineno)} {node.name} has {length} lines"
        for path in product_files() + test_files()
        for node in functions(ast.parse(path.read_text(encoding="utf-8")))
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) >= MAX_FUNCTION_LINES
    ]
    assert long == [], "\n".join(long)


def test_no_module_or_class_has_a_name_that_says_nothing() -> None:
    places = [
        name(path)
        for path in product_files() + test_files()
        for part in path.relative_to(ROOT).with_suffix("").parts
        if set(part.split("_")) & NAMES_THAT_SAY_NOTHING
    ]
    classes = [
        f"{name(path, node.lineno)} {node.name}"
        for path in product_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        if re.search(r"(Manager|Helper|Utils?|Misc|Common)$", node.name)
    ]
    assert places + classes == [], "\n".join(places + classes)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in product_files() + test_files()
        if (source := path.read_text(encoding="utf-8")).strip()
        if ast.get_docstring(ast.parse(source)) is None
    ]
    assert silent == [], "\n".join(silent)


def test_every_folder_of_code_is_a_package() -> None:
    # import-linter does not see a module in a folder without __init__.py: its arrows would go
    # unjudged.
    folders = {path.parent for path in product_files()}
    assert [
        name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []


def test_the_clock_is_read_only_at_the_edge() -> None:
    found = [
        name(path, line)
        for path in product_files()
        if not at_edge(path)
        for line in uses(path.read_text(encoding="utf-8"), CLOCKS)
    ]
    assert found == [], "\n".join(found)


def test_the_environment_is_read_only_at_the_edge() -> None:
    found = [
        name(path, line)
        for path in product_files()
        if not at_edge(path)
        for line in uses(path.read_text(encoding="utf-8"), ENVIRONMENT)
    ]
    assert found == [], "\n".join(found)


def test_only_the_edge_prints() -> None:
    found = [
        name(path, node.lineno)
        for path in product_files()
        if not at_edge(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id in {"print", "input", "breakpoint"}
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\nat = datetime.datetime.now()",
        "from datetime import datetime as datetime\nat = datetime.now(tz=UTC)",
        "from datetime import date\non = date.today()",
        "import time\nat = time.time()",
        "from time import time",
        "clock = datetime.now",
    ],
)
def test_a_planted_look_at_the_clock_is_seen(source: str) -> None:
    assert uses(source, CLOCKS) != []


@pytest.mark.parametrize(
    "source", ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ"]
)
def test_a_planted_look_at_the_environment_is_seen(source: str) -> None:
    assert uses(source, ENVIRONMENT) != []


def test_a_monotonic_clock_is_no_look_at_the_clock() -> None:
    assert uses("import time\nt = time.monotonic()", CLOCKS) == []
