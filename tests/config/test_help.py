"""`--help` says what every argument is, in every command of all three programs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

import app.cli
import audit.__main__
import policies.__main__

PROGRAMS = {
    "sluss": app.cli._parser,
    "policies": policies.__main__._parser,
    "audit": audit.__main__._parser,
}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from parsers(one)


def unexplained(parser: argparse.ArgumentParser) -> list[str]:
    """Arguments without a help text, and commands that a list of commands does not explain."""
    found = []
    for one in parsers(parser):
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                told = {choice.dest for choice in action._choices_actions if choice.help}
                found += [f"{one.prog} {name}" for name in action.choices if name not in told]
            elif not action.help:
                found.append(f"{one.prog} {action.option_strings or action.dest}")
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_argument_of_every_command_is_explained(program: str) -> None:
    parser = PROGRAMS[program]()
    assert sum(len(one._actions) for one in parsers(parser)) > 5
    assert unexplained(parser) == []
    for one in parsers(parser):
        assert one.format_help()


def test_a_planted_argument_without_help_is_seen() -> None:
    parser = argparse.ArgumentParser(prog="x")
    parser.add_subparsers().add_parser("y", help="z").add_argument("--bare")
    assert unexplained(parser) == ["x y ['--bare']"]
