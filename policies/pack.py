"""What a rule pack looks like on disk: one struct per kind of table, unknown keys forbidden.

The files are data for lawyers and data for the loader. Nothing here decides anything. The schema
for a rule author is `docs/formats/rule-pack.md`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

Effect = Literal["duty_own", "duty_request", "permit", "consent", "harm_test", "strike", "stop"]
DUTIES: frozenset[str] = frozenset({"duty_own", "duty_request"})
GROUNDS: frozenset[str] = frozenset({"duty_own", "duty_request", "permit", "consent", "harm_test"})

Source = Literal["system", "statement", "consent", "request", "approval"]
STEP_SOURCES: frozenset[str] = frozenset({"statement", "consent", "request", "approval"})

Op = Literal["is", "in", "<", ">="]
Presumption = Literal["ABSOLUTE", "STRONG", "WEAK", "VERY_WEAK", "NONE"]
OutcomeClass = Literal["PERMITTED", "DUTY", "CONSENT_ONLY", "HARM_ASSESSMENT", "FORBIDDEN"]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every table of the pack: frozen, keys checked."""


class Cite(Table, frozen=True):
    """A provision. `act` is a key of `sources.toml`, `at` is `10:18a`, `7` or `23:2 st 1`."""

    act: str
    at: str
    amended_by: str = ""
    amended_from: date | None = None
    """The day from which the amendment reads so, where what it says stays the same."""


class Manifest(Table, frozen=True):
    """`pack.toml`."""

    id: str
    version: str
    engine: str
    """Major version of the engine the pack is written for, e.g. `1`."""
    languages: tuple[str, ...] = ("sv", "en")
    approved_by: str = ""
    """Empty until a lawyer has approved it."""
    approved_on: date | None = None


class Kind(Table, frozen=True):
    """A kind of organisation."""

    code: str
    sv: str
    en: str
    authority: bool
    """Whether it is an authority under OSL 2 kap.; with `authority_from`, before that day."""
    authority_from: date | None = None
    """First day on which it counts as an authority, e.g. 2027-01-01 for independent schools."""
    cautions: tuple[str, ...] = ()
    """From that day: what is uncertain about its being one."""


class Category(Table, frozen=True):
    """A category of information (K code)."""

    code: str
    holders: tuple[str, ...]
    """Kinds that can hold it, or `*`."""
    sv: str
    en: str


class Term(Table, frozen=True):
    """A code with a name in both languages: purposes, contact kinds, actors."""

    code: str
    sv: str
    en: str


class Caution(Table, frozen=True):
    """An uncertainty in the law (U id), as a sentence for the reader."""

    id: str
    sv: str
    en: str


class ParameterRef(Table, frozen=True):
    """A value that lives in `parameters.toml`."""

    parameter: str


Value = bool | int | str | tuple[str, ...] | ParameterRef


class Condition(Table, frozen=True):
    """One named sentence that is true, false or unknown about the facts."""

    name: str
    source: Source
    sv: str
    en: str
    fact: str = ""
    """Name in `policies/vocabulary.py`; may be left out for statements and approvals."""
    op: Op = "is"
    value: Value = True
    by: tuple[str, ...] = ()
    """Actors who can take the step or answer the question."""
    min_circumstances: int = 0
    """How many concrete circumstances a statement must come with."""
    question_sv: str = ""
    question_en: str = ""
    """What a form asks. Required for statements; a system condition falls back on its sentence."""


class VocabularyFile(Table, frozen=True):
    """`vocabulary.toml`."""

    kind: tuple[Kind, ...] = ()
    category: tuple[Category, ...] = ()
    purpose: tuple[Term, ...] = ()
    contact_kind: tuple[Term, ...] = ()
    actor: tuple[Term, ...] = ()
    caution: tuple[Caution, ...] = ()
    condition: tuple[Condition, ...] = ()


class SecrecyRow(Table, frozen=True):
    """What makes an item secret at its holder: a secrecy rule, or the statement that none does."""

    holders: tuple[str, ...]
    categories: tuple[str, ...]
    """Category codes, or `*` for a row that adds a rule by attribute to whatever category."""
    cite: tuple[Cite, ...]
    sv: str
    en: str
    valid_from: date
    valid_to: date | None = None
    rule: str = ""
    """E.g. `OSL 26:1`. Empty exactly when `no_secrecy`."""
    presumption: Presumption = "NONE"
    no_secrecy: bool = False
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    confidence: Literal["A", "B", "C"] = "A"


class ReceiverRow(Table, frozen=True):
    """What is secret at a recipient of these kinds as well."""

    kinds: tuple[str, ...]
    covers: tuple[str, ...]
    """Selectors of the secrecy rules that applied at the sender."""
    cite: tuple[Cite, ...]
    valid_from: date
    valid_to: date | None = None
    rule: str = ""
    """The recipient's own rule, e.g. `OSL 26:1`; a unit that has it by exception gets the row."""
    categories: tuple[str, ...] = ("*",)
    of: Literal["any", "authority", "private"] = "any"
    """Which recipients of these kinds: OSL protects at an authority, silence is owed elsewhere."""


class NamedSet(Table, frozen=True):
    """A named list that rules refer to as `set:NAME`."""

    name: str
    members: tuple[str, ...]
    of: Literal["secrecy", "kinds"] = "secrecy"


class SecrecyFile(Table, frozen=True):
    """`secrecy.toml`."""

    secrecy: tuple[SecrecyRow, ...] = ()
    receiver: tuple[ReceiverRow, ...] = ()
    set: tuple[NamedSet, ...] = ()


class Parameter(Table, frozen=True):
    """A number that the law has changed or may change."""

    name: str
    value: int
    unit: str
    """What the number counts: `years`, `months`."""
    cite: tuple[Cite, ...]
    valid_from: date
    valid_to: date | None = None


class Crime(Table, frozen=True):
    """A crime and its scale of penalties on some days."""

    code: str
    sv: str
    en: str
    chapter: str
    """Act and chapter, e.g. `BrB 3`, or the act alone, e.g. `1982:316`."""
    imprisonment: bool
    """Whether imprisonment is in the scale."""
    min_months: int
    """Least penalty for the completed crime, months of imprisonment; 0 when fines are possible."""
    cite: tuple[Cite, ...]
    valid_from: date
    valid_to: date | None = None
    confidence: Literal["A", "B", "C"] = "B"


class ParametersFile(Table, frozen=True):
    """`parameters.toml`."""

    parameter: tuple[Parameter, ...] = ()
    crime: tuple[Crime, ...] = ()


class SourceText(Table, frozen=True):
    """An act, and how far somebody has read it."""

    act: str
    """Key used in citations, as written in Sweden: `OSL`, `SoL`, `lag (2025:170)`."""
    sfs: str
    sv: str
    en: str
    url: str
    read_to: str
    """The last amendment that the reading includes, e.g. `SFS 2026:317`."""
    reviewed_by: str
    """`research, not yet reviewed by a lawyer` until one has."""
    reviewed_on: date | None = None
    provisions: tuple[str, ...] = ()
    """Every provision that the pack may cite, in the form of `Cite.at`. Empty: any."""


class SourcesFile(Table, frozen=True):
    """`sources.toml`."""

    source: tuple[SourceText, ...] = ()


class Act(Table, frozen=True):
    """Something a member of staff can do in the service."""

    code: str
    sv: str
    en: str


class Role(Table, frozen=True):
    """A role in an organisation, and the acts it can hold."""

    code: str
    sv: str
    en: str
    acts: tuple[str, ...]


class RolesFile(Table, frozen=True):
    """`roles.toml`."""

    act: tuple[Act, ...] = ()
    role: tuple[Role, ...] = ()


class Rule(Table, frozen=True, rename={"from_": "from"}):
    """One rule: a conjunction of named conditions, what it opens or rules out, and its source."""

    id: str
    version_of: str
    effect: Effect
    from_: tuple[str, ...]
    """Sender kinds, `set:NAME` or `*`."""
    to: tuple[str, ...]
    """Recipient kinds, `set:NAME` or `*`."""
    cite: tuple[Cite, ...]
    valid_from: date
    confidence: Literal["A", "B", "C"]
    sv: str
    en: str
    explain_sv: str
    explain_en: str
    valid_to: date | None = None
    opens: tuple[str, ...] = ()
    """Selectors of secrecy rules: `OSL 26:1`, `OSL 25:1-8`, `chapter:OSL 21-40`, `set:X`, `all`."""
    not_opens: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    """Strikes and stops only: any one of these cures it."""
    strikes: tuple[str, ...] = ()
    """Strikes only: rule ids, `version_of` ids, `grounds`, `permits`, `consents`, `harm_tests`."""
    secrecy: tuple[str, ...] = ()
    """Strikes only: selectors of secrecy rules for which grounds are ruled out; empty: all."""
    separate_channel: bool = False
    """The item is left out or masked and handled another way (H8, H9)."""
    cautions: tuple[str, ...] = ()
    alternative: str = ""
    """Tells apart rules of one `version_of` that are in force at the same time."""


class RulesFile(Table, frozen=True):
    """`rules/*.toml`."""

    rule: tuple[Rule, ...] = ()


class Change(Table, frozen=True):
    """A reviewed reason for letting more out than the version before did."""

    version: str
    """The version of the pack in which the change begins."""
    rule: str
    """Id or `version_of` of the rule that makes the difference, or `secrecy CODE`."""
    reason: str
    reviewer: str
    """Who has read the change and answers for the reason."""
    reviewed_on: date


class ChangesFile(Table, frozen=True):
    """`CHANGES.toml`. May be left out."""

    change: tuple[Change, ...] = ()


class Answer(Table, frozen=True):
    """What the engine must answer to a scenario on a day."""

    on: date
    outcome_class: OutcomeClass | Literal[""] = ""
    """Empty where only the named rules matter."""
    asks: str = ""
    """The one ground the source asks about, as `version_of`."""
    fired: tuple[str, ...] = ()
    """Rules (grounds, strikes, stops; id or `version_of`) that fire once `granted` is answered."""
    not_fired: tuple[str, ...] = ()
    missing: tuple[tuple[str, ...], ...] | None = None
    """Exactly these sets before `granted` is answered; `not:NAME` for an answer of no."""
    applies: tuple[str, ...] | None = None
    """Exactly these secrecy rules apply to the item; empty: none does."""
    grounds: tuple[Effect, ...] | None = None
    """Exactly these effects are those of the grounds that fire once `granted` is answered."""
    struck: dict[str, tuple[str, ...]] = {}
    """By strike: exactly these grounds it rules out; none where it does not fire."""
    lacks: dict[str, tuple[str, ...]] = {}
    """By ground that does not fire once `granted` is answered: exactly what it lacks of its own
    conditions, `not:NAME` for one that must not be so."""
    facts: dict[str, Any] = {}
    """What is otherwise than in the scenario's facts, written the same way: a table is merged into
    the table of the same name, anything else replaces it."""
    granted: tuple[str, ...] | None = None
    """Instead of the scenario's."""


class Scenario(Table, frozen=True):
    """`scenarios/*/*.toml`: a published answer, as a test that a lawyer can read."""

    id: str
    title_sv: str
    title_en: str
    source: str
    fidelity: Literal["P", "X", "I", "D"]
    """P case in the source, X illustration of its rule, I inferred, D derived coverage case."""
    question_sv: str
    question_en: str
    rests_on: tuple[str, ...]
    facts: dict[str, Any]
    """Fields of `policies.Facts`; defaults and shorthands in `docs/formats/rule-pack.md`."""
    answer: tuple[Answer, ...]
    granted: tuple[str, ...] = ()
    """Statements that the facts of the source grant."""
