"""Unique words to plant in every text about people, and a scanner that finds them anywhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

import sqlalchemy

from app.records.schema import all_tables
from app.records.store import Store

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_ADDRESS = re.compile(r'(?:href|action|src|formaction|content|id|for)="([^"]*)"')


class Canaries:
    """Hands out a word for each field, and tells which fields' words a place holds."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[bytes, ...]] = {}

    def word(self, name: str) -> str:
        """A new word for a field; a field that is filled twice gets the same."""
        if name not in self._forms:
            self.plant(name, f"kanarie{secrets.token_hex(8)}")
        return self._forms[name][0].decode()

    def plant(self, name: str, *written: str) -> None:
        """A value with every way of writing it that counts as the same."""
        self._forms[name] = tuple(
            form.encode(coding) for coding in ("utf-8", "utf-16-le") for form in written
        )

    def plant_number(self, name: str, number: str) -> None:
        """A personal number, with and without century and hyphen."""
        self.plant(name, number, number.replace("-", ""), number[2:], number[2:].replace("-", ""))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._forms)

    def in_(self, place: bytes | str, *, but: Collection[str] = ()) -> set[str]:
        """The fields whose words are there, other than those that may be."""
        held = place.encode() if isinstance(place, str) else place
        return {
            name
            for name, forms in self._forms.items()
            if name not in but and any(form in held for form in forms)
        }

    def in_file(self, file: Path, *, but: Collection[str] = ()) -> set[str]:
        return self.in_(file.read_bytes(), but=but) | self.in_(str(file), but=but)

    def in_folder(self, folder: Path, *, but: Collection[str] = ()) -> dict[str, set[str]]:
        """By file, for every file below the folder that holds any."""
        found = {
            str(file.relative_to(folder)): self.in_file(file, but=but)
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
        return {name: words for name, words in found.items() if words}

    def in_database(self, store: Store, *, but: Collection[str] = ()) -> dict[str, set[str]]:
        """By table and column. On SQLite the file's own bytes too, with what was deleted."""
        found: dict[str, set[str]] = {}
        with store.engine.connect() as connection:
            for name, table in all_tables().tables.items():
                for row in connection.execute(sqlalchemy.select(table)).mappings():
                    for column, value in row.items():
                        words = self.in_(_bytes(value), but=but)
                        if words:
                            found.setdefault(f"{name}.{column}", set()).update(words)
        for file in _files_of(store):
            if words := self.in_file(file, but=but):
                found[file.name] = words
        return found


def _files_of(store: Store) -> Iterator[Path]:
    if store.engine.dialect.name == "sqlite":
        file = Path(str(store.engine.url.database))
        yield from (one for one in file.parent.glob(f"{file.name}*") if one.is_file())


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()


def titles(page: str) -> list[str]:
    return _TITLE.findall(page)


def addresses(page: str) -> list[str]:
    """Everything in a page that is an address or the name of a place in it."""
    return _ADDRESS.findall(page)
