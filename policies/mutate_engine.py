"""Small wrong changes to the engine itself, one at a time, and whether the tests notice.

The engine is the code between facts and answer. Each change is tried in a child process: first
with every scenario and boundary of the packaged pack, then with the tests of the engine.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.abc
import importlib.util
import json
import os
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from policies.children import lasting, told_by_children
from policies.errors import CaseError
from policies.reading import pack_files

HERE = Path(__file__).parent
ENGINE_FILES = (
    *("cover", "decide", "keeping", "masks", "missing", "place", "snapshot", "unknowns"),
)
"""The modules that make an answer out of facts and law."""
TELLING = (
    *("test_deciding.py", "test_telling.py", "test_remaining_steps.py", "test_cover.py"),
    *("test_explaining.py", "test_unknowns.py", "test_vocabulary.py", "test_other_ways.py"),
    *("test_keeping.py", "test_steps_combined.py"),
    *("law/test_near_misses.py", "law/test_bars.py", "law/test_secrecy_table.py"),
    *("test_differential.py", "test_packaged_pack.py"),
)
"""Under `tests/policies`: the tests of the engine, and few enough to be run for every change."""
PATIENCE_S = 30
"""Of processor time, for the scenarios and for each test, where it is not known how long they take:
a change after which one never ends is noticed by that."""
_SCENARIOS = "the scenarios"

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.Invert: ast.UAdd,
}  # fmt: skip

Undo = Callable[[], None]


class EngineMutant(NamedTuple):
    """One wrong change to one module of the engine."""

    name: str
    """E.g. `cover.py Cover.covered: And to Or #1`."""
    module: str
    file: str
    tree: ast.Module
    change: Callable[[], Undo]

    def code(self) -> CodeType:
        """The module with the change. Made when asked for: not all that are listed are tried."""
        undo = self.change()
        code = compile(ast.fix_missing_locations(self.tree), self.file, "exec")
        undo()
        return code


class _Site(NamedTuple):
    what: str
    change: Callable[[], Undo]


def engine_mutants() -> Iterator[EngineMutant]:
    """Every change that is tried, file by file, in order."""
    for module in ENGINE_FILES:
        path = HERE / f"{module}.py"
        yield from mutants_of(path.read_text(encoding="utf-8"), str(path), module)


def mutants_of(source: str, file: str, module: str) -> Iterator[EngineMutant]:
    """Every change to one module's source."""
    tree = ast.parse(source)
    counted: dict[str, int] = {}
    for where, node in _nodes(tree, ""):
        for site in _sites(node):
            label = f"{module}.py {where or 'module'}: {site.what}"
            counted[label] = counted.get(label, 0) + 1
            name = f"{label} #{counted[label]}"
            yield EngineMutant(name, f"policies.{module}", file, tree, site.change)


def _nodes(node: ast.AST, where: str) -> Iterator[tuple[str, ast.AST]]:
    """What is executed, with the name of the function it stands in; no annotations."""
    yield where, node
    for key, value in ast.iter_fields(node):
        if key in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                name = getattr(child, "name", "")
                inner = f"{where}.{name}".strip(".") if _is_named(child) else where
                yield from _nodes(child, inner)


def _is_named(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _sites(node: ast.AST) -> Iterator[_Site]:
    if isinstance(node, ast.Compare):
        yield from (_swap(node.ops, n) for n, op in enumerate(node.ops) if type(op) in _SWAPPED)
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.AugAssign):
        if type(node.op) in _SWAPPED:
            yield _swap(node, "op")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield _set("Not left out", node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        turned = not node.value if isinstance(node.value, bool) else node.value + 1
        yield _set(f"{node.value} to {turned}", node, "value", turned)
    yield from _tests(node)
    yield from _statements(node)


def _tests(node: ast.AST) -> Iterator[_Site]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield _set("test turned round", node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for n, test in enumerate(node.ifs):
            yield _set("filter turned round", node.ifs, n, ast.UnaryOp(ast.Not(), test))


def _statements(node: ast.AST) -> Iterator[_Site]:
    for body in (getattr(node, key, None) for key in ("body", "orelse")):
        for n, statement in enumerate(body if isinstance(body, list) else ()):
            if isinstance(statement, ast.AugAssign | ast.Continue) or _is_call(statement):
                yield _set(f"{type(statement).__name__} left out", body, n, ast.Pass())


def _is_call(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def _swap(holder: Any, key: Any) -> _Site:
    old = holder[key] if isinstance(holder, list) else getattr(holder, key)
    new = _SWAPPED[type(old)]()
    return _set(f"{type(old).__name__} to {type(new).__name__}", holder, key, new)


def _set(what: str, holder: Any, key: Any, value: Any) -> _Site:
    def put(new: Any) -> None:
        if isinstance(holder, list):
            holder[key] = new
        else:
            setattr(holder, key, new)

    def change() -> Undo:
        old = holder[key] if isinstance(holder, list) else getattr(holder, key)
        put(value)
        return lambda: put(old)

    return _Site(what, change)


class EngineCampaign:
    """The tests, ready to be asked whether they notice."""

    def __init__(self, tests: Path | None = None, files: Sequence[str] = TELLING) -> None:
        folder = tests or HERE.parent / "tests" / "policies"
        self._files = [str(folder / name) for name in files]
        missing = [name for name in self._files if not Path(name).exists()]
        if missing:
            message = "the engine is tried with its tests, so this needs a checkout of the source"
            raise CaseError(f"{message}; there is no {missing[0]}")
        for name in ("pytest", "hypothesis"):
            try:
                importlib.import_module(name)
            except ImportError as fault:
                message = "the engine is tried with its tests; install what they need"
                raise CaseError(f"{message} with `make setup-test` ({fault.name})") from fault
        # Every child reads the same files, and parsing them is most of what a child would do.
        self._parsed = {
            text: tomllib.loads(text)
            for text in (path.read_text(encoding="utf-8") for path in pack_files(HERE))
        }
        self._durations: dict[str, float] = {}
        gc.freeze()

    def try_unchanged(self) -> str:
        """What the engine as it is does not pass; empty if it passes. Times each test."""
        ((_, told),) = told_by_children([None], self._timed, jobs=1)
        found = json.loads(told.line) if told.line else "a child that never ends"
        if isinstance(found, str):
            return found
        self._durations = found
        return ""

    def try_mutant(self, mutant: EngineMutant) -> str:
        """What notices the change; empty if nothing does."""
        ((_, noticed),) = self.try_all([mutant])
        return noticed

    def try_all(
        self, mutants: Iterable[EngineMutant], jobs: int = 1
    ) -> Iterator[tuple[EngineMutant, str]]:
        """Each change with what notices it, as they are judged: so many at a time."""
        for mutant, told in told_by_children(mutants, self._noticed, jobs=jobs):
            yield mutant, "it never ends" if told.line is None else told.line

    def _timed(self, _: None) -> str:
        """In the child, with the engine as it is: what each test takes, or what fails, as JSON."""
        run = _Run({})
        return json.dumps(self._first_failure(run) or run.durations)

    def _noticed(self, mutant: EngineMutant) -> str:
        """In the child: the scenario, the test or the fault that notices; empty if none does."""
        sys.meta_path.insert(0, _Changed(mutant))
        return self._first_failure(_Run(self._durations))

    def _first_failure(self, run: _Run) -> str:
        """In the child, from here on with an engine read anew."""
        run.begin(_SCENARIOS)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for name in [n for n in sys.modules if n.split(".")[0] in ("policies", "app", "tests")]:
            del sys.modules[name]
        parse = tomllib.loads
        tomllib.loads = lambda text, **how: self._parsed.get(text) or parse(text, **how)
        try:
            scenario = importlib.import_module("policies.mutate").first_failure()
        except Exception as fault:  # noqa: BLE001 - whatever a wrong engine may raise
            return f"{_SCENARIOS}, by {type(fault).__name__}"
        run.end(_SCENARIOS)
        return f"scenario {scenario}" if scenario else self._first_failing_test(run)

    def _first_failing_test(self, run: _Run) -> str:
        settings = importlib.import_module("hypothesis").settings
        settings.register_profile("changed engine", **_without_the_machine())
        settings.load_profile("changed engine")
        # What was imported ahead of the fork cannot be rewritten by pytest, and need not be: how a
        # failure is told is not looked at.
        quiet = ["-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"]
        # Of the conftests only the one beside the tests: others are about databases and browsers.
        near = f"--confcutdir={Path(self._files[0]).parent}"
        wrong = importlib.import_module("pytest").main([*quiet, near, *self._files], [run])
        return (run.failing or "the tests") if wrong else ""


def _without_the_machine() -> dict[str, Any]:
    """How random examples are drawn: the same in each run, on a slow machine as on a fast one."""
    hypothesis = importlib.import_module("hypothesis")
    return {
        "deadline": None,
        "derandomize": True,
        # What failed for one change is no example to keep.
        "database": None,
        # That one fails is all that is asked; the smallest that does is a long search.
        "phases": (hypothesis.Phase.explicit, hypothesis.Phase.generate),
        "suppress_health_check": list(hypothesis.HealthCheck),
    }


class _Run:
    """In the child: one run of the tests, quick ones first, each with the same patience."""

    def __init__(self, durations: Mapping[str, float]) -> None:
        self._expected = durations
        self._began = 0.0
        self.durations: dict[str, float] = {}
        """Seconds of processor time that each test took."""
        self.failing = ""
        """The first that failed."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """All tests are known, none has begun."""
        # Tests of the law last: what the published answers do not notice, they seldom do.
        items.sort(key=lambda item: ("/law/" in item.nodeid, self._expected.get(item.nodeid, 0)))

    def begin(self, name: str) -> None:
        """From here on it has so much time."""
        self._began = time.process_time()
        # Many times what it takes with the engine as it is, and never less than some seconds.
        lasting(3 + 6 * self._expected[name] if name in self._expected else PATIENCE_S)

    def end(self, name: str) -> None:
        """So long did it take."""
        self.durations[name] = time.process_time() - self._began

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self.begin(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test, or what it needs before or after, has ended."""
        self.end(report.nodeid)
        self._note(report)

    def pytest_collectreport(self, report: Any) -> None:
        """A file of tests has been read."""
        self._note(report)

    def _note(self, report: Any) -> None:
        if report.failed:
            self.failing = self.failing or str(report.nodeid)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out the changed module in place of the one on disk."""

    def __init__(self, mutant: EngineMutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Only the changed module is ours."""
        del path, target
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._mutant.file, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As usual."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self._mutant.code(), module.__dict__)  # noqa: S102 - our own module, changed by us
