"""Which acts a role can hold. Whether a person holds the role, and by what delegation, is the
service's to know."""

from __future__ import annotations

from policies.law import Law


def can(law: Law, role: str, act: str) -> bool:
    """Whether the role can hold the act. An unknown role can do nothing; an unknown act is a fault.

    Law: KL 6 kap. 37 och 38 §§
    """
    if act not in law.vocabulary.acts:
        known = ", ".join(sorted(law.vocabulary.acts))
        raise KeyError(f"roles.toml defines no act {act!r}; it has {known}")
    found = law.vocabulary.roles.get(role)
    return found is not None and act in found.acts
