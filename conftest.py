"""What a test may ask of the machine, and what happens where the machine lacks it.

On a newcomer's machine a test whose tool is missing is skipped, and the summary says aloud what
did not run and how to get it. Where `SLUSS_REQUIRE=all` is set, as in CI, every skip is a failure:
a suite that quietly left out PostgreSQL or the browser would be green and prove nothing.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Requirement:
    """Something outside Python that marked tests need."""

    name: str
    is_there: Callable[[], bool]
    how_to_get_it: str


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium-headless-shell", "chromium"))


def _go() -> bool:
    sources = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
    return shutil.which("go") is not None and sources.is_dir()


REQUIREMENTS = {
    "postgres": Requirement(
        "PostgreSQL",
        lambda: bool(os.environ.get("SLUSS_TEST_POSTGRES")),
        "Debian: apt-get install postgresql, then set SLUSS_TEST_POSTGRES to the URL of an empty "
        "server whose owner may create databases; .ci/run starts one of its own",
    ),
    "browser": Requirement(
        "Chromium", _chromium, "Debian: apt-get install chromium-headless-shell"
    ),
    "go": Requirement("Go", _go, "Debian: apt-get install golang-go golang-golang-x-mod-dev"),
    "openssl": Requirement(
        "OpenSSL", lambda: shutil.which("openssl") is not None, "Debian: apt-get install openssl"
    ),
    "strace": Requirement(
        "strace", lambda: shutil.which("strace") is not None, "Debian: apt-get install strace"
    ),
}

REQUIRED = os.environ.get("SLUSS_REQUIRE", "")


def pytest_configure() -> None:
    if REQUIRED not in {"", "all"}:
        raise pytest.UsageError(f"SLUSS_REQUIRE is {REQUIRED!r}; set it to all, or not at all")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, requirement in REQUIREMENTS.items():
        if item.get_closest_marker(marker) and not requirement.is_there():
            pytest.skip(f"needs {requirement.name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if REQUIRED and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    report.outcome = "failed"
    report.longrepr = f"SLUSS_REQUIRE=all, so nothing may be skipped; this was: {_reason(report)}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    # A skip is reported as (path, line, reason), and as plain text once it has crossed processes.
    what = report.longrepr
    text = str(what[2]) if isinstance(what, tuple) else str(what)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("NOT RUN ON THIS MACHINE")
    for reason, count in sorted(Counter(_reason(report) for report in skipped).items()):
        terminalreporter.line(f"{count} not run: {reason}")
        for requirement in REQUIREMENTS.values():
            if requirement.name.lower() in reason.lower():
                terminalreporter.line(f"    {requirement.how_to_get_it}")
    terminalreporter.line("`.ci/run` installs all of it on Debian 12 and runs every test.")
