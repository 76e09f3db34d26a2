"""Small wrong changes to the engine itself, one at a time, and whether the tests notice.

The engine is the code between facts and answer. Each change is tried in a child process: first
with every scenario and boundary of the packaged pack, then with the quick tests of the engine.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from policies.errors import CaseError
from policies.reading import pack_files

HERE = Path(__file__).parent
ENGINE_FILES = ("cover", "decide", "masks", "missing", "place", "snapshot", "unknowns")
"""The modules that make an answer out of facts and law."""
QUICK = (
    *(
        "test_cover.py",
        "test_steps_combined.py",
        "test_deciding.py",
        "test_remaining_steps.py",
        "test_explaining.py",
        "test_other_ways.py",
    ),
    *("law/test_near_misses.py", "law/test_bars.py", "law/test_secrecy_table.py"),
    *("test_keeping.py", "test_vocabulary.py", "test_differential.py"),
)
"""Under `tests/policies`: the tests of the engine that are done in seconds."""
PATIENCE_S = 60
"""Of processor time: a change after which the tests never end is noticed by that."""

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
    code: CodeType


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
            undo = site.change()
            code = compile(ast.fix_missing_locations(tree), file, "exec")
            undo()
            yield EngineMutant(f"{label} #{counted[label]}", f"policies.{module}", code)


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

    def __init__(self, tests: Path | None = None, files: Sequence[str] = QUICK) -> None:
        folder = tests or HERE.parent / "tests" / "policies"
        self._files = [str(folder / name) for name in files]
        missing = [name for name in self._files if not Path(name).exists()]
        if missing:
            message = "the engine is tried with its tests, so this needs a checkout of the source"
            raise CaseError(f"{message}; there is no {missing[0]}")
        for name in ("pytest", "hypothesis", "playwright.sync_api", "sqlalchemy", "psycopg"):
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
        gc.freeze()

    def try_mutant(self, mutant: EngineMutant | None) -> str:
        """What notices the change: `scenarios`, `tests` or `never ends`; empty if nothing does.

        Without a change, whether the engine as it is passes.
        """
        child = os.fork()
        if child == 0:
            try:
                os._exit(self._judge(mutant))
            except BaseException:  # noqa: BLE001 - never run on as a second parent
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "never ends"
        return {0: "", 1: "scenarios"}.get(os.WEXITSTATUS(status), "tests")

    def _judge(self, mutant: EngineMutant | None) -> int:
        """In the child: 0 nothing noticed, 1 a scenario did, 2 a test did."""
        signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for name in [n for n in sys.modules if n.split(".")[0] in ("policies", "app", "tests")]:
            del sys.modules[name]
        parse = tomllib.loads
        tomllib.loads = lambda text, **how: self._parsed.get(text) or parse(text, **how)
        if mutant is not None:
            sys.meta_path.insert(0, _Changed(mutant))
        if importlib.import_module("policies.mutate").first_failure():
            return 1
        # How long an example takes says more about the machine than about the change, and what
        # failed for one change is no example to keep.
        settings = importlib.import_module("hypothesis").settings
        settings.register_profile("changed engine", deadline=None, database=None)
        settings.load_profile("changed engine")
        run = importlib.import_module("pytest").main
        # What was imported ahead of the fork cannot be rewritten by pytest, and need not be.
        quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        # Of the conftests only the one beside the tests: others are about databases and browsers.
        near = [f"--confcutdir={Path(self._files[0]).parent}"]
        options = ["-x", "-q", "-p", "no:cacheprovider", *quiet, *near]
        return 2 if run([*options, *self._files]) else 0


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out the changed module in place of the one on disk."""

    def __init__(self, mutant: EngineMutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Only the changed module is ours."""
        del path, target
        if fullname != self._mutant.module:
            return None
        file = self._mutant.code.co_filename
        return importlib.util.spec_from_file_location(fullname, file, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As usual."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self._mutant.code, module.__dict__)  # noqa: S102 - our own module, changed by us
