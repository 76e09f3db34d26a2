"""What a demonstration is made in: an opened house, a time, and what has been made so far.

Things made are known by keys of the world's own, such as `elliot/kontakter`, so that one step can
speak of what another has made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict, TypeVar

from app.demonstration.moments import Moment
from app.demonstration.signed_in import People, WorldFault
from app.domain.actor import Actor
from app.domain.note import NoteDraft
from app.keys import Rings
from app.main import House
from app.records.store import Store
from policies import Law

_AFTER_SIGN_IN = timedelta(seconds=40)
_Made = TypeVar("_Made")


class Hands(TypedDict):
    """What every flow is handed."""

    at: datetime
    store: Store
    rings: Rings
    law: Law


@dataclass(frozen=True, kw_only=True)
class MadeNote:
    """A note: its id, its newest version and what that holds."""

    id: str
    case: str
    version: int
    draft: NoteDraft


@dataclass(frozen=True, kw_only=True)
class MadeDisclosure:
    """A disclosure: its id, what it discloses, who decided it and when."""

    id: str
    note: str
    sender_id: str
    decided_at: datetime


@dataclass
class World:
    """The state while the world is made. Times are aware UTC."""

    house: House
    people: People
    now: datetime
    """When the world is made; every moment is counted back from it."""
    at: datetime = field(init=False)
    """The time in the world."""
    cases: dict[str, str] = field(default_factory=dict)
    """Case -> id."""
    subjects: dict[tuple[str, str], str] = field(default_factory=dict)
    """Case and person -> subject id."""
    notes: dict[str, MadeNote] = field(default_factory=dict)
    disclosures: dict[str, MadeDisclosure] = field(default_factory=dict)
    deliveries: dict[str, str] = field(default_factory=dict)
    """Disclosure -> id of what it delivered."""
    consents: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Consent -> its case's id and its own."""
    _tokens: int = 0

    def __post_init__(self) -> None:
        self.at = self.now

    @property
    def hands(self) -> Hands:
        """What the next flow is handed."""
        house = self.house
        return Hands(at=self.at, store=house.store, rings=house.rings, law=house.law)

    def token(self) -> str:
        """A token for a form that is sent once."""
        self._tokens += 1
        return f"demonstration-{self._tokens}"


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """Something one person does at one moment. `by` is a user name."""

    on: Moment
    by: str

    def when(self, world: World) -> datetime:
        """The instant it is to happen."""
        return self.on.at(world.now)

    @abstractmethod
    def carry_out(self, world: World, actor: Actor) -> None:
        """Do it through the flows. Raises WorldFault when it does not lead where it is to."""


def carry_out(
    steps: Iterable[Step], world: World, *, progress: Callable[[int, int], None] | None = None
) -> None:
    """All steps, earliest first; `progress` hears how many of how many are done."""
    ordered = sorted(steps, key=lambda step: step.on.at(world.now))
    world.at = ordered[0].when(world) if ordered else world.now
    for number, step in enumerate(ordered, start=1):
        try:
            # Never backwards, because the log would not follow.
            world.at = max(world.at, step.when(world))
            actor = world.people.actor(step.by, at=world.at)
            world.at += _AFTER_SIGN_IN
            step.carry_out(world, actor)
        except (WorldFault, KeyError) as fault:
            raise WorldFault(f"{type(step).__name__} by {step.by}, {step.on}: {fault}") from fault
        if progress is not None:
            progress(number, len(ordered))


def made(outcome: object, kind: type[_Made]) -> _Made:
    """The outcome, if it is of the kind that the step is to lead to."""
    if not isinstance(outcome, kind):
        why = getattr(outcome, "reason", "") or getattr(outcome, "problems", "")
        raise WorldFault(f"gave {type(outcome).__name__} and not {kind.__name__}: {why}")
    return outcome
