"""`python -m policies compare`: what a pack lets out that another did not, in words."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from policies.compare import CellChange, Comparison, compare, compare_days, unexplained_widenings
from policies.errors import CaseError
from policies.law import Lang, Law, load

_MOST_SHOWN = 6

_WORDS = {
    "sv": {
        "widens": "ÖPPNAR",
        "narrows": "STÄNGER",
        "cells": "{} från avsändare till mottagare, per sekretessregel",
        "until": "{} till {}",
        "onwards": "från {}",
        "always": "vilka omständigheterna än är",
        "stricter": "det andra paketet:",
        "same": "inget släpps ut som inte släpptes ut förut, och inget hålls inne",
        "none": "utan sekretess",
        "more": "... och {} till",
        "unexplained": "saknar granskat skäl i CHANGES.toml: {}",
    },
    "en": {
        "widens": "WIDENS",
        "narrows": "NARROWS",
        "cells": "{} from sender to recipient, by secrecy rule",
        "until": "{} to {}",
        "onwards": "from {}",
        "always": "whatever the circumstances",
        "stricter": "the other pack:",
        "same": "nothing leaves that did not before, and nothing is kept in",
        "none": "not secret",
        "more": "... and {} more",
        "unexplained": "lacks a reviewed reason in CHANGES.toml: {}",
    },
}


def add_compare(commands: Any) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser(
        "compare",
        help="what one pack lets out that another did not",
        description="Compare two packs on every day, or one pack's law on two days. Exit code 1 "
        "when the new pack lets out more and CHANGES.toml gives no reviewed reason for it.",
    )
    parser.add_argument("old", nargs="?", type=Path, help="the pack before; default: packaged")
    parser.add_argument("new", nargs="?", type=Path, help="the pack after; default: packaged")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day before")
    parser.add_argument("--against", type=date.fromisoformat, metavar="DATE", help="the day after")
    parser.add_argument("--lang", choices=("sv", "en"), default="sv", help="default: sv")
    parser.set_defaults(run=run_compare)


def run_compare(chosen: argparse.Namespace) -> int:
    """Compare, print, and say by the exit code whether every widening is explained."""
    if (chosen.on is None) != (chosen.against is None):
        raise CaseError("--on and --against go together: the law on one day against another")
    if chosen.on is not None:
        if chosen.new is not None:
            raise CaseError("two days are compared in one pack; name no second pack")
        _print(compare_days(load(chosen.old), chosen.on, chosen.against), chosen.lang)
        return 0
    if chosen.old is None:
        raise CaseError("name the pack before: python -m policies compare OLD [NEW]")
    old, new = load(chosen.old), load(chosen.new)
    comparison = compare(old, new)
    _print(comparison, chosen.lang)
    return _judge(comparison, new, chosen.lang)


def _judge(comparison: Comparison, new: Law, lang: Lang) -> int:
    left = unexplained_widenings(comparison, new)
    causes = sorted({name for cell in left for name in cell.rules})
    if causes:
        sys.stderr.write(_WORDS[lang]["unexplained"].format(", ".join(causes)) + "\n")
    return 1 if left else 0


def _print(comparison: Comparison, lang: Lang) -> None:
    for line in _lines(comparison, lang):
        sys.stdout.write(line + "\n")


def _lines(comparison: Comparison, lang: Lang) -> Iterator[str]:
    words = _WORDS[lang]
    yield f"{comparison.old} -> {comparison.new}"
    if not comparison.cells:
        yield words["same"]
    for group in comparison.by_cause():
        first = group[0]
        days = words["onwards"].format(first.first)
        if first.last is not None:
            days = words["until"].format(first.first, first.last)
        count = words["cells"].format(len(group))
        yield f"\n{words[first.direction]} {', '.join(first.rules)} ({days}): {count}"
        for cell in group[:_MOST_SHOWN]:
            yield f"  {_named(cell, lang)}"
        if len(group) > _MOST_SHOWN:
            yield "  " + words["more"].format(len(group) - _MOST_SHOWN)
        for sentence in first.example.given(lang) or (words["always"],):
            yield f"    - {sentence}"
        for sentence in first.example.stricter(lang):
            yield f"    {words['stricter']} {sentence}"


def _named(cell: CellChange, lang: Lang) -> str:
    what = " ".join(part for part in (cell.category, cell.secrecy) if part)
    return f"{cell.sender} -> {cell.recipient}: {what or _WORDS[lang]['none']}"
