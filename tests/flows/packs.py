"""Rule packs made out of the packaged one, for proposing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from app.domain.actor import Actor
from app.flows import examine_pack as module
from app.flows.examine_pack import Examined, Examiner, Trying, examine_pack
from app.flows.pack_findings import Findings, find
from app.flows.propose_pack import Proposed, propose_pack
from app.keys import event_sealer
from policies import Law, load, load_contents, pack_contents
from tests.flows.town import ORGANISATIONS, Town, _employed, operator_of

Contents = dict[str, bytes]

VERSION = "2027.1.1"
REASON = f"""
[[change]]
version = "{VERSION}"
rule = "P-18a"
reason = "Lagen kräver inte längre konkreta omständigheter (påhittat)."
reviewer = "Jurist Påhittad"
reviewed_on = 2026-11-20
"""


def _edited(file: str, edit: Callable[[str], str], version: str = VERSION) -> Contents:
    contents = dict(pack_contents())
    contents[file] = edit(contents[file].decode()).encode()
    manifest = contents["pack.toml"].decode()
    contents["pack.toml"] = re.sub(
        r'^version = ".*"$', f'version = "{version}"', manifest, flags=re.M
    ).encode()
    return contents


def _untold(contents: Contents) -> Contents:
    """Without cases: those that come along say what the rules answered before the edit."""
    return {n: d for n, d in contents.items() if not n.startswith(("scenarios/", "boundaries/"))}


def failing() -> Contents:
    """A pack that changes a rule and brings along the cases that say what it answered before."""
    return _edited("rules/permissions.toml", _loosened)


def reworded(version: str = VERSION) -> Contents:
    """The same rules under another version."""
    return _edited("secrecy.toml", lambda text: text + "\n# Ingen ändring.\n", version)


def narrower() -> Contents:
    """10 kap. 18 a § is not in force after October."""

    def ended(text: str) -> str:
        before, rule = text.split('id = "P-18a"\n', 1)
        until = "valid_from = 2025-04-01\nvalid_to = 2026-10-31"
        return f'{before}id = "P-18a"\n' + rule.replace("valid_from = 2025-04-01", until, 1)

    return _untold(_edited("rules/permissions.toml", ended))


def wider(*, explained: bool) -> Contents:
    """10 kap. 18 a § asks for no risk of crime."""

    contents = _untold(_edited("rules/permissions.toml", _loosened))
    if explained:
        contents["CHANGES.toml"] = REASON.encode()
    return contents


def _loosened(text: str) -> str:
    before, rule = text.split('id = "P-18a"\n', 1)
    return f'{before}id = "P-18a"\n' + rule.replace('"risk_of_crime", ', "", 1)


def without_act(act: str) -> Contents:
    """No role may do something that the service asks about."""
    return _edited(
        "roles.toml", lambda text: text.replace(f'"{act}", ', "").replace(f', "{act}"', "")
    )


@cache
def _found(old: str, new: str) -> dict[str, Findings]:
    return {}


def find_once(old: Law, new: Law) -> Findings:
    """As `find`, which takes seconds, once for each pair of packs."""
    kept = _found(old.rules_sha256, new.sha256)
    if "found" not in kept:
        kept["found"] = find(old, new)
    return kept["found"]


def jurist(town: Town, name: str, where: str = "soc", *roles: str) -> Actor:
    """Somebody who may propose and activate packs."""
    held = frozenset(roles or ("lawyer",))
    return _employed(name, ORGANISATIONS[where], held, operator_of(town), town.store)


def propose(town: Town, by: Actor, contents: Contents, token: str = "") -> str:
    outcome = propose_pack(contents, by, token=token, packaged=load(), **town.hands)
    assert isinstance(outcome, Proposed), outcome
    return outcome.proposal_id


def examiner(town: Town) -> Examiner:
    return Examiner(
        organisation_id="soc",
        actor={"staff": town.chief.staff_id},
        sealer=event_sealer(town.rings.current("soc"), None),
        store=town.store,
        rings=town.rings,
    )


def examine(town: Town, proposal_id: str) -> list[module.Step]:
    """Every step until there is none."""
    steps = [examine_pack(proposal_id, examiner(town), at=town.at)]
    while isinstance(steps[-1], module.Compared | Trying) and not getattr(
        steps[-1], "unexplained", ()
    ):
        steps.append(examine_pack(proposal_id, examiner(town), at=town.at))
    return steps


def examined(town: Town, by: Actor, contents: Contents) -> str:
    """A proposal that is ready to be activated."""
    made = propose(town, by, contents)
    assert isinstance(examine(town, made)[-1], Examined)
    return made


def law_of(contents: Contents) -> Law:
    return load_contents(contents)
