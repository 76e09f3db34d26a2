"""The one place where the parts meet: a configuration in, an opened house out.

Everything a start-up can find wrong is found here, before anybody is served: keys, tables, rules.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from flask import Flask

from app.config import Config, settings_of
from app.domain.ids import INSTALLATION
from app.flows.active_law import ActiveLaw
from app.flows.install import Operator, open_installation
from app.flows.keep_pack import activate_first_pack
from app.flows.list_approvals import count_waiting_approvals
from app.flows.receive_delivery import count_new_deliveries
from app.flows.record_fault import record_fault
from app.flows.review_emergency import unreviewed_openings
from app.flows.round_questions import waiting_questions
from app.flows.sealing import sealed_ring
from app.flows.see_round import round_state
from app.flows.tell_configuration import tell_configuration
from app.flows.tell_log_keys import tell_log_keys
from app.front_door import SignInDoor
from app.identity.password import Passwords
from app.keys import (
    EventSealer,
    KeyFault,
    Purpose,
    Ring,
    Rings,
    RootKey,
    SoftwareKeyring,
    event_sealer,
)
from app.records.migrations.upgrade import upgrade
from app.records.organisation_key import StoredRing, all_rings
from app.records.store import Store, role_of
from app.signer_files import log_keys_of, why_behind, witnesses_of
from app.web.application import create_app
from app.web.closed import create_closed_app
from app.web.site import Site, SiteSettings, Work
from audit.errors import AuditFault
from audit.key_list import KnownKey
from audit.signer_keys import create_signer_keys
from audit.witnessing import Witnesses
from policies import Law, pack_contents
from policies import load as load_law
from policies.second_opinion import SecondOpinion

FORM_KEY_BYTES = 32
_PRIVATE = 0o600

Clock = Callable[[], datetime]
_T = TypeVar("_T")


class CannotStart(Exception):
    """Something the service needs is missing or wrong. The message is for a technician."""


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything opened and checked. Close it when done."""

    config: Config
    store: Store
    keyring: SoftwareKeyring = field(repr=False)
    rings: Rings = field(repr=False)
    packaged: Law
    """The pack that comes with the software, which is not always the one in use."""
    active: ActiveLaw
    clock: Clock
    log_keys: Sequence[KnownKey]
    """The log's public keys, each with the sizes it may sign."""
    witnesses: Witnesses
    """Who countersigns the log, and how many of them are enough."""

    @property
    def law(self) -> Law:
        """The law that was found in use last."""
        return self.active.latest.law

    def operator(self, name: str) -> Operator:
        """Whoever sits at the terminal, as the log will name them."""
        return Operator(name=name, ring=self.rings.current(INSTALLATION))

    def sealer(self, organisation_id: str) -> EventSealer:
        """Seals the details of an organisation's entries that are on no case."""
        return event_sealer(self.rings.current(organisation_id), None)

    def close(self) -> None:
        """Close the database."""
        self.store.close()


def system_clock() -> datetime:
    """Now, aware UTC. The only clock in the product."""
    return datetime.now(UTC)


def install(
    config: Config, *, operator_name: str, clock: Clock = system_clock, pack: Path | None = None
) -> None:
    """Make the keys, the tables and the installation's own ring. Never overwrites anything.

    It begins with the rule pack in the folder `pack`, or the one that comes with the software.
    Raises CannotStart, KeyFault or StoreFault, each with a sentence that says what to do.
    """
    for path in (config.storage.state, *map(os.path.dirname, _files(config))):
        Path(path).mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring = SoftwareKeyring(RootKey.create(Path(config.keys.root), purpose_of(config)))
    _write_new(Path(config.keys.forms), secrets.token_bytes(FORM_KEY_BYTES).hex())
    at = clock()
    try:
        log_keys = create_signer_keys(
            Path(config.signer.key), Path(config.signer.state), name=config.signer.origin, at=at
        )
    except AuditFault as fault:
        raise CannotStart(str(fault)) from fault
    migrate(config)
    ring = keyring.new_ring(INSTALLATION)
    store = Store.open(config.storage.database)
    try:
        operator = Operator(name=operator_name, ring=keyring.open_ring(ring))
        open_installation(ring, operator, at=at, store=store)
        tell_log_keys(log_keys, operator, at=at, store=store)
        activate_first_pack(load_law(pack), pack_contents(pack), operator, at=at, store=store)
    finally:
        store.close()


def migrate(config: Config) -> None:
    """Make or update the tables, as who owns them, for the role that the service runs as.

    Raises StoreFault, with nothing changed.
    """
    storage = config.storage
    if storage.owner:
        signer = role_of(storage.signer) if storage.signer else None
        upgrade(storage.owner, role=role_of(storage.database), signer=signer)
    else:
        upgrade(storage.database)


def open_house(
    config: Config, *, clock: Clock = system_clock, as_owner: bool = False, behind: bool = False
) -> House:
    """Open the keys, the database and the rules, or say which of them cannot be opened.

    `as_owner`: as the database role that owns the tables, which may erase; never to serve.
    `behind`: also where the log has fewer entries than were signed, to begin a new one.
    Raises KeyFault, StoreFault, PackError or CannotStart. Open it after forking, not before.
    """
    packaged = load_law()
    owner = config.storage.owner
    if as_owner and owner:
        store = Store.open(owner)
    else:
        store = Store.open(config.storage.database, limited=bool(owner))
    try:
        # The rings tell which root key is wanted, so that a missing one is named and no new one
        # is advised.
        wanted = _stored_rings(store, at=clock())[0].root_key_id
        active = ActiveLaw(store, packaged, prepare=_prepare(config), tell=_tell)
        active.now(clock())
        root = RootKey.load(Path(config.keys.root), purpose_of(config), expected_id=wanted)
        keyring = SoftwareKeyring(root)
        why = "" if behind else why_behind(config, store, at=clock())
        if why:
            raise CannotStart(why)
        return House(
            config=config,
            store=store,
            keyring=keyring,
            rings=open_rings(store, keyring, clock=clock),
            packaged=packaged,
            active=active,
            clock=clock,
            log_keys=_read(log_keys_of, config),
            witnesses=_read(witnesses_of, config),
        )
    except BaseException:
        store.close()
        raise


def _prepare(config: Config) -> Callable[[Law], Law]:
    """What is done once to each pack that is loaded."""
    if not config.service.second_opinion:
        return lambda law: law
    return lambda law: law.with_adviser(SecondOpinion(law))


def _tell(sentence: str) -> None:
    """Say something to whoever sees the service's terminal."""
    sys.stderr.write(f"sluss: {sentence}\n")
    sys.stderr.flush()


def open_rings(store: Store, keyring: SoftwareKeyring, *, clock: Clock) -> Rings:
    """Every organisation's ring. One that cannot be opened stops the start, by name."""

    def opened() -> list[Ring]:
        return [keyring.open_ring(sealed_ring(one)) for one in _stored_rings(store, at=clock())]

    return Rings(opened(), opened)


def _stored_rings(store: Store, *, at: datetime) -> tuple[StoredRing, ...]:
    with store.look(at=at) as tx:
        stored = all_rings(tx)
    if not stored:
        raise KeyFault("the database holds no key ring; begin with `sluss init`")
    return stored


def web_application(house: House) -> Flask:
    """The WSGI application over an opened house.

    Where no rule pack has been activated yet, the one that comes with the software is, now; and
    the log is told if its keys or the settings have changed.
    """
    starts, at, contents = house.operator("start"), house.clock(), pack_contents()
    due_day = house.config.review.round_due_day
    activate_first_pack(house.packaged, contents, starts, at=at, store=house.store)
    house.active.now(at)
    tell_log_keys(house.log_keys, starts, at=at, store=house.store)
    tell_configuration(settings_of(house.config), starts, at=at, store=house.store)
    return create_app(
        Site(
            settings=_settings(house.config),
            clock=house.clock,
            front_door=SignInDoor(
                store=house.store, passwords=Passwords(), sealers=house.sealer, rings=house.rings
            ),
            work=_work(house),
            unreviewed=lambda actor, at: unreviewed_openings(
                actor, at=at, store=house.store, law=house.law
            ),
            asked=lambda actor, at: waiting_questions(actor, at=at, store=house.store),
            round_state=lambda actor, at: round_state(
                actor, due_day=due_day, at=at, store=house.store, law=house.law
            ),
            waiting=lambda actor, at: count_new_deliveries(
                actor, at=at, store=house.store, law=house.law
            ),
            unanswered=lambda actor, at: count_waiting_approvals(
                actor, at=at, store=house.store, law=house.law
            ),
            record_fault=lambda fault: record_fault(
                fault.id,
                fault.kind,
                fault.route,
                organisation_id=fault.organisation_id,
                staff_id=fault.staff_id,
                at=fault.at,
                store=house.store,
                rings=house.rings,
            ),
        )
    )


def _work(house: House) -> Work:
    return Work(
        store=house.store,
        rings=house.rings,
        active=house.active,
        log_keys=house.log_keys,
        witnesses=house.witnesses,
        state=Path(house.config.storage.state),
    )


def closed_application(config: Config, *, clock: Clock = system_clock) -> Flask:
    """The pages while the rules cannot be read: each says so, and nothing else is opened."""
    return create_closed_app(_settings(config), clock=clock)


def _settings(config: Config) -> SiteSettings:
    service = config.service
    return SiteSettings(
        form_secret=_form_key(config),
        hosts=tuple(service.hosts),
        secure=service.cookie_secure,
        demonstration=service.demonstration,
        open_question=service.open_question,
        proxy_hops=service.proxy_hops,
        round_due_day=config.review.round_due_day,
    )


def open_signers_store(config: Config) -> Store:
    """The database as the signer's process sees it: as a role of its own, where it has one."""
    signer = config.storage.signer
    return Store.open(signer or config.storage.database, limited=bool(signer))


class RootFiles(NamedTuple):
    """Where the root key is, and where the next and the former are while one is replaced."""

    now: Path
    next: Path
    before: Path


def root_files(config: Config) -> RootFiles:
    """Beside each other, in the folder that holds the root key."""
    now = Path(config.keys.root)
    return RootFiles(now, now.with_name(f"{now.name}.next"), now.with_name(f"{now.name}.before"))


def purpose_of(config: Config) -> Purpose:
    """The purpose that the root key of this installation is made for."""
    return "demonstration" if config.service.demonstration else "production"


def _files(config: Config) -> tuple[str, ...]:
    return (config.keys.root, config.keys.forms, config.signer.key, config.signer.state)


def _read(part: Callable[[Config], _T], config: Config) -> _T:
    """A part of what signs the log, or why the service cannot start without it."""
    try:
        return part(config)
    except AuditFault as fault:
        raise CannotStart(str(fault)) from fault


def _form_key(config: Config) -> bytes:
    path = Path(config.keys.forms)
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
        mode = path.stat().st_mode & 0o777
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CannotStart(
            f"the form key {path} is missing or cannot be read; bring it back, or remove it and "
            "make a new one with `sluss init --form-key` (open forms must then be sent again)"
        ) from error
    if mode & 0o077:
        raise CannotStart(
            f"the form key {path} can be used by others than its owner (mode {mode:04o}); run "
            f"'chmod 600 {path}', and if anyone else has had access to it, remove it and make a "
            "new one with `sluss init --form-key`"
        )
    if len(key) != FORM_KEY_BYTES:
        raise CannotStart(f"the form key {path} is not {FORM_KEY_BYTES} bytes; bring back a copy")
    return key


def make_form_key(config: Config) -> None:
    """A new form key where there is none."""
    _write_new(Path(config.keys.forms), secrets.token_bytes(FORM_KEY_BYTES).hex())


def _write_new(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
    except FileExistsError:
        raise CannotStart(f"{path} exists already and is not overwritten") from None
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(descriptor)
