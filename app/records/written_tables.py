"""Which tables a statement writes, read from its text.

It errs on the safe side: a word that might write, and cannot be read further, counts as a write
to a table nobody exempted. It guards against a forgotten entry, not against a hostile developer.
"""

from __future__ import annotations

import re
from functools import lru_cache

UNREADABLE = "?"
"""Stands for the table of a statement that writes somewhere this module cannot tell."""

_VERB = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|REPLACE)\b", re.IGNORECASE)
_TARGET = re.compile(
    r"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|MERGE\s+INTO"
    r"|REPLACE\s+INTO)"
    r'\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?(\w+)"?',
    re.IGNORECASE,
)
# Row locks, the tail of an upsert, and the string function. Not removed where the text holds a
# comment, because a comment could hide what stands between two words.
_HARMLESS = re.compile(
    r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b|\bDO\s+UPDATE\s+SET\b|\bREPLACE\s*\(|\bDO\s+NOTHING\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"\b(?:BEGIN|COMMIT|END\s+TRANSACTION|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PRAGMA"
    r"|START\s+TRANSACTION|PREPARE\s+TRANSACTION|SET\s+TRANSACTION|SET\s+CONSTRAINTS)\b",
    re.IGNORECASE,
)
# Words that are also good names for a column, so they count only where a statement begins.
_OPENING = re.compile(
    r"(?:^|;)\s*(?:DO|CALL|EXECUTE|COPY|TRUNCATE|CREATE|DROP|ALTER|GRANT|REVOKE|ATTACH)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=2048)
def written_tables(statement: str) -> frozenset[str]:
    """Lower-case names of the tables `statement` writes; empty if it only reads."""
    text = statement
    if "--" not in text and "/*" not in text:
        text = _HARMLESS.sub(" ", text)
    tables = set()
    for verb in _VERB.finditer(text):
        target = _TARGET.match(text, verb.start())
        tables.add(target.group(1).lower() if target else UNREADABLE)
    if _OPENING.search(text):
        tables.add(UNREADABLE)
    return frozenset(tables)


def controls_transaction(statement: str) -> bool:
    """Whether a hand-written text would begin, end or split the transaction it runs in."""
    return _CONTROL.search(statement) is not None
