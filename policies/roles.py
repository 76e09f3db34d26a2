"""Which acts a role can hold. Whether a person holds the role, and by what delegation, is the
service's to know."""

from __future__ import annotations

from policies.check_vocabulary import IN_PERSON
from policies.law import Law

ALL_HOURS = "work_all_hours"


def can(law: Law, role: str, act: str) -> bool:
    """Whether the role can hold the act. An unknown role can do nothing; an unknown act is a fault.

    Law: KL 6 kap. 37 och 38 §§
    """
    if act not in law.vocabulary.acts:
        known = ", ".join(sorted(law.vocabulary.acts))
        raise KeyError(f"roles.toml defines no act {act!r}; it has {known}")
    found = law.vocabulary.roles.get(role)
    return found is not None and act in found.acts


def deciding_in_person(law: Law) -> tuple[str, ...]:
    """The roles to whose holders the law itself gives some decisions, in the order of the pack.

    A pack that knows no such act tells them by the roles that its rules ask for.
    Law: lag (2025:170) 7 §, skollagen 6 a kap. 10 §
    """
    words = law.vocabulary
    if IN_PERSON in words.acts:
        return tuple(role for role, held in words.roles.items() if IN_PERSON in held.acts)
    asked = {c.value for c in words.conditions.values() if c.fact == "decider.role"}
    return tuple(role for role in words.roles if role in asked)


def working_all_hours(law: Law) -> tuple[str, ...]:
    """The roles whose holders are on call. None where the pack knows no such act."""
    words = law.vocabulary
    return tuple(role for role, held in words.roles.items() if ALL_HOURS in held.acts)
