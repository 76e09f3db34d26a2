"""The one configuration file: read, checked, and told all that is wrong with it at once.

Values only. Nothing here opens a database, a key or a socket; `app.main` does that with what this
module hands it. There is no default key and no default database: what is not in the file is
missing, and start-up ends with a sentence that says what to write and on which line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from app.config_lines import Lines
from app.config_values import (
    DayOfMonth,
    Flag,
    Hops,
    Hosts,
    Known,
    MayBeEmpty,
    Origin,
    Port,
    Quorum,
    Text,
    Years,
)

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DATABASES = ("sqlite", "postgresql+psycopg")

_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service listens, and whether it is the demonstration."""

    host: Text = "127.0.0.1"
    """Address to listen on. A proxy that holds the certificate stands in front."""
    port: Port = 8000
    hosts: Hosts = ("127.0.0.1", "localhost")
    """Host names people reach it by; a request for any other is refused."""
    proxy_hops: Hops = 0
    """How many proxies in front are our own; X-Forwarded headers are believed from that many."""
    cookie_secure: Flag = True
    """Send the session cookie over HTTPS only."""
    demonstration: Flag = False
    """Invented people, demonstration keys, a banner on every page."""
    open_question: Flag = False
    """Let anyone ask what the law says and read the rules, without signing in."""
    second_opinion: Flag = True
    """Let another engine (Cedar) read the same rules before anything leaves; both must agree."""


class Storage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where everything that is kept is kept."""

    database: Text
    """SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://...`."""
    state: Text
    """Folder for exports and other files the service writes."""
    owner: MayBeEmpty = ""
    """PostgreSQL: URL of who owns the tables; `database` is then a role that only adds to the log.
    Used by `sluss init`, `migrate` and `purge`, never by the service."""
    signer: MayBeEmpty = ""
    """PostgreSQL with an `owner`: URL of the role of `sluss seal`, which alone adds checkpoints."""


class Keys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the keys are; a key itself never stands in the configuration."""

    root: Text
    """Seals every organisation's key ring."""
    forms: Text
    """Signs the tokens of forms, nothing else."""


class Signer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signer of checkpoints: another process, with its own key and its own memory."""

    origin: Origin
    """The log's name in every checkpoint (first line of a C2SP checkpoint)."""
    key: Text
    state: Text
    outside: MayBeEmpty = ""
    """A file on another disk or host to which every checkpoint is added; empty: none."""


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the log is to be reviewed."""

    round_due_day: DayOfMonth = 7
    """Day of the month by which that month's round of loggkontroll is to be signed."""


class CasePeriod(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a closed case is kept at one kind of organisation."""

    kind: Text
    """As the rule pack names it, e.g. SOC."""
    years: Annotated[int, Meta(ge=1, le=150)]
    basis: Text
    """The decision on erasure (gallringsbeslut) and the provision it rests on; told to the log."""


CasePeriods = Annotated[
    tuple[CasePeriod, ...],
    Meta(description='a list of { kind = "SOC", years = 5, basis = "the decision" }'),
]


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long what is kept. Nothing is erased that has no period here; `sluss purge` reads it."""

    cases: CasePeriods = ()
    log_years: Years = 0
    """What entries of the log tell; 0: never erased by age. The entries themselves stay."""
    log_basis: MayBeEmpty = ""
    entries_years: Years = 0
    """The entries themselves; 0: never pruned. Their hashes stay. Not shorter than log_years."""
    entries_basis: MayBeEmpty = ""


class Witnesses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Partners who countersign the log. None by default."""

    known: Known = ()
    """Each as `ADDRESS PUBLIC-KEY`."""
    quorum: Quorum = 0
    """How many of them are enough."""


class Timestamps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service that stamps checkpoints with the time (RFC 3161). None by default."""

    service: MayBeEmpty = ""
    """Its address."""
    roots: MayBeEmpty = ""
    """File of certificates (PEM) that lead to the service's own."""
    hours: Annotated[
        int, Meta(ge=1, le=8760, description="a whole number of hours from 1 to 8760")
    ] = 24
    """How often it is asked."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configuration that has been checked. Paths in it are absolute."""

    service: Service
    storage: Storage
    keys: Keys
    signer: Signer
    review: Review = Review()
    retention: Retention = Retention()
    witnesses: Witnesses = Witnesses()
    timestamps: Timestamps = Timestamps()


SECTIONS: dict[str, type[Struct]] = {
    "service": Service,
    "storage": Storage,
    "keys": Keys,
    "signer": Signer,
    "review": Review,
    "retention": Retention,
    "witnesses": Witnesses,
    "timestamps": Timestamps,
}


def settings_of(config: Config) -> dict[str, str]:
    """Every setting as text, by section and name, without a password that an address may hold."""
    told = msgspec.to_builtins(config)
    return {
        f"{section}.{name}": _PASSWORD.sub(r"\1:***@", str(value))
        for section, values in told.items()
        for name, value in values.items()
    }


class Problem(Struct, frozen=True):
    """One thing wrong, in a sentence, on a line of the file (None: something is missing)."""

    line: int | None
    sentence: str


class ConfigError(Exception):
    """The file cannot be used. Holds every problem found, not only the first."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        for problem in self.problems:
            place = self.path if problem.line is None else f"{self.path}:{problem.line}"
            yield f"{place}: {problem.sentence}"


def load(path: Path) -> Config:
    """Read and check one file; relative paths in it are relative to its own folder.

    Raises `ConfigError` with every problem, each with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        advice = "copy config.example.toml there, or name another file with --config"
        raise ConfigError(path, [Problem(None, f"{reason}; {advice}")]) from error
    except UnicodeDecodeError as error:
        sentence = "the file is not UTF-8 text; save it again as UTF-8"
        raise ConfigError(path, [Problem(None, sentence)]) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Check a configuration that has been read. `path` is for messages and relative paths."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = int(line.group(1)) if line else None
        raise ConfigError(path, [Problem(where, f"not TOML: {error}")]) from error
    lines = Lines(text)
    problems: list[Problem] = []
    sections = {
        name: _section(name, kind, raw.pop(name, {}), lines, problems)
        for name, kind in SECTIONS.items()
    }
    for name in raw:
        known = ", ".join(f"[{section}]" for section in SECTIONS)
        sentence = f"{name} is not a section here; the sections are {known}"
        problems.append(Problem(lines.of(name, None) or lines.of(None, name), sentence))
    if problems:
        raise ConfigError(path, problems)
    config = _absolute(msgspec.convert(sections, Config), path.resolve().parent)
    problems = list(_contradictions(config, lines))
    if problems:
        raise ConfigError(path, problems)
    return config


def _section(
    name: str, kind: type[Struct], raw: Any, lines: Lines, problems: list[Problem]
) -> dict[str, Any]:
    """The section's values, each checked on its own so that one error does not hide the next."""
    if not isinstance(raw, dict):
        problems.append(Problem(lines.of(None, name), f"write [{name}] as a section of its own"))
        return {}
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    types = get_type_hints(kind, include_extras=True)
    for key in raw.keys() - fields.keys():
        known = ", ".join(fields)
        sentence = f"[{name}] has no setting {key}; it has {known}"
        problems.append(Problem(lines.of(name, key), sentence))
    for key, field in fields.items():
        if key not in raw:
            if field.required:
                sentence = f"[{name}] lacks {key}; config.example.toml shows how to write it"
                problems.append(Problem(lines.of(name, None), sentence))
            continue
        try:
            msgspec.convert(raw[key], types[key])
        except msgspec.ValidationError:
            wanted = types[key].__metadata__[0].description
            sentence = f"[{name}] {key} must be {wanted}; it is {raw[key]!r}"
            problems.append(Problem(lines.of(name, key), sentence))
    return {key: value for key, value in raw.items() if key in fields}


def _absolute(config: Config, folder: Path) -> Config:
    def place(text: str) -> str:
        return str(folder / text)

    database = config.storage.database
    if database.startswith("sqlite:///"):
        database = f"sqlite:///{place(database.removeprefix('sqlite:///'))}"
    return msgspec.structs.replace(
        config,
        storage=Storage(
            database=database,
            state=place(config.storage.state),
            owner=config.storage.owner,
            signer=config.storage.signer,
        ),
        keys=Keys(root=place(config.keys.root), forms=place(config.keys.forms)),
        signer=Signer(
            origin=config.signer.origin,
            key=place(config.signer.key),
            state=place(config.signer.state),
            outside=config.signer.outside and place(config.signer.outside),
        ),
        timestamps=msgspec.structs.replace(
            config.timestamps, roots=config.timestamps.roots and place(config.timestamps.roots)
        ),
    )


def _contradictions(config: Config, lines: Lines) -> Iterator[Problem]:
    """What is wrong although each value alone is right."""
    service, database = config.service, config.storage.database
    kind, separator, rest = database.partition("://")
    if kind not in DATABASES or not separator:
        sentence = (
            "[storage] database must begin with sqlite:/// or postgresql+psycopg://; other "
            "databases are not tested"
        )
        yield Problem(lines.of("storage", "database"), sentence)
    elif kind == "sqlite" and (not rest.startswith("/") or ":memory:" in rest):
        sentence = "[storage] database must name a file, e.g. sqlite:///sluss.db"
        yield Problem(lines.of("storage", "database"), sentence)
    owner = config.storage.owner
    if owner and (owner == database or {owner.partition("://")[0], kind} != {DATABASES[1]}):
        sentence = (
            "[storage] owner must name the database that [storage] database names, both with "
            "postgresql+psycopg://, and another role; SQLite has no roles"
        )
        yield Problem(lines.of("storage", "owner"), sentence)
    signer = config.storage.signer
    if signer and (not owner or signer in (owner, database)):
        sentence = (
            "[storage] signer must name the same database as a third role, and needs [storage] "
            "owner, which gives the two others what they may do"
        )
        yield Problem(lines.of("storage", "signer"), sentence)
    if service.demonstration and service.host not in LOOPBACK:
        sentence = (
            "[service] demonstration = true serves known passwords, so host must be 127.0.0.1; "
            "for other hosts set up an installation with `sluss init`"
        )
        yield Problem(lines.of("service", "demonstration"), sentence)
    if not service.cookie_secure and service.host not in LOOPBACK:
        sentence = (
            "[service] cookie_secure = false would send the session cookie in the clear; set it "
            "to true and put HTTPS in front, or listen on 127.0.0.1"
        )
        yield Problem(lines.of("service", "cookie_secure"), sentence)
    yield from _periods_undecided(config.retention, lines)
    yield from _quorum_of_none(config, lines)
    if bool(config.timestamps.service) != bool(config.timestamps.roots):
        sentence = "[timestamps] needs both service and roots, or neither"
        yield Problem(lines.of("timestamps", None), sentence)
    yield from _files_named_twice(config, lines)


def _periods_undecided(retention: Retention, lines: Lines) -> Iterator[Problem]:
    """Periods without their decision, or that contradict each other."""
    if retention.log_years and not retention.log_basis:
        sentence = "[retention] log_years needs log_basis: the decision that it rests on"
        yield Problem(lines.of("retention", "log_years"), sentence)
    if retention.entries_years and not retention.entries_basis:
        sentence = "[retention] entries_years needs entries_basis: the decision that it rests on"
        yield Problem(lines.of("retention", "entries_years"), sentence)
    if 0 < retention.entries_years < retention.log_years:
        sentence = "[retention] entries_years is shorter than log_years; what it tells goes with it"
        yield Problem(lines.of("retention", "entries_years"), sentence)
    kinds = [period.kind for period in retention.cases]
    if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        sentence = f"[retention] cases has two periods for {twice[0]}; keep one"
        yield Problem(lines.of("retention", "cases"), sentence)


def _quorum_of_none(config: Config, lines: Lines) -> Iterator[Problem]:
    known, quorum = len(config.witnesses.known), config.witnesses.quorum
    if quorum > known or (known and not quorum):
        sentence = (
            f"[witnesses] quorum must be from 1 to the number of those known, {known}; it is "
            f"{quorum}"
        )
        yield Problem(lines.of("witnesses", "quorum") or lines.of("witnesses", None), sentence)


def _files_named_twice(config: Config, lines: Lines) -> Iterator[Problem]:
    """Two settings that name one file: the second writer would destroy what the first needs."""
    taken: dict[str, str] = {}
    for section, key, value in [
        ("storage", "database", config.storage.database.removeprefix("sqlite:///")),
        ("storage", "state", config.storage.state),
        ("keys", "root", config.keys.root),
        ("keys", "forms", config.keys.forms),
        ("signer", "key", config.signer.key),
        ("signer", "state", config.signer.state),
        ("signer", "outside", config.signer.outside),
    ]:
        if not value:
            continue  # a file that is not wanted
        setting = f"[{section}] {key}"
        if value in taken:
            sentence = f"{setting} and {taken[value]} name the same file; give each its own"
            yield Problem(lines.of(section, key), sentence)
        taken.setdefault(value, setting)
