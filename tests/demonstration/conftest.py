"""The demonstration world, made once on a Monday in November, and asked as its people would ask."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.config import load as load_config
from app.demonstration.build import CONFIG_FILE, STEPS, build_world
from app.demonstration.crossings import File
from app.demonstration.signed_in import People
from app.demonstration.steps import Write
from app.demonstration.world import World
from app.domain.actor import Actor
from app.domain.disclosure import Intent
from app.flows.consider_disclosure import Answer, Considered, consider_disclosure
from app.identity.password import Passwords
from app.main import House, open_house
from policies import Explanation, explain

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass
class Visit:
    """The made world, opened, and its people signed in."""

    folder: Path
    world: World
    house: House
    people: People

    @property
    def hands(self) -> dict[str, Any]:
        house = self.house
        return {"at": NOW, "store": house.store, "rings": house.rings, "law": house.law}

    def as_(self, username: str, organisation_id: str | None = None) -> Actor:
        return self.people.actor(username, at=NOW, organisation_id=organisation_id)

    def author(self, note: str) -> Actor:
        """Whoever wrote the note, or filed what it came from."""
        return self.as_(
            next(step.by for step in STEPS if isinstance(step, Write | File) and step.note == note)
        )

    def ask(self, note: str, purpose: str, to: str = "", **given: Any) -> dict[str, Answer]:
        """What the law answers about the note, by recipient."""
        made = self.world.notes[note]
        intent = Intent(
            note_id=made.id, version=made.version, recipient_id=to, purpose=purpose, **given
        )
        considered = consider_disclosure(intent, self.author(note), **self.hands)
        assert isinstance(considered, Considered)
        return {answer.recipient.id: answer for answer in considered.answers}

    def explained(self, answer: Answer) -> list[Explanation]:
        return [explain(self.house.law, one, "sv") for one in answer.decision.by_person.values()]


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The world as it was made; nobody changes it."""
    folder = tmp_path_factory.mktemp("demonstration")
    return folder, build_world(folder, port=8000, now=NOW)


@pytest.fixture(scope="session")
def visit(
    made_folder: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """A copy of the world, opened for asking."""
    made, world = made_folder
    folder = tmp_path_factory.mktemp("visited") / "world"
    shutil.copytree(made, folder)
    house = open_house(load_config(folder / CONFIG_FILE), clock=lambda: NOW)
    yield Visit(folder, world, house, People(house, Passwords(memory_kib=64, passes=1)))
    house.close()


@pytest.fixture
def folder(made_folder: tuple[Path, World], tmp_path: Path) -> Path:
    """A copy of the world that a test may change."""
    copied = tmp_path / "world"
    shutil.copytree(made_folder[0], copied)
    return copied
