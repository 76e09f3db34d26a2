"""What the law says: facts in, an answer out, with the provisions it rests on.

Pure: no clock, no database, no network. The rules are data (`docs/formats/rule-pack.md`).
"""

from policies.decide import decide, decide_note, decision_bytes
from policies.decision import (
    Decision,
    FiredRule,
    Near,
    NoteDecision,
    Outcome,
    Secrecy,
    Step,
)
from policies.errors import CaseError, PackError, Problem
from policies.explain import Explanation, explain
from policies.facts import ConsentState, Facts, Item, Party, Person, Tri
from policies.law import ENGINE, Lang, Law, Vocabulary, load, load_contents
from policies.other_ways import OtherWay, other_ways, rules_of
from policies.reading import pack_contents

__all__ = [
    "ENGINE",
    "CaseError",
    "ConsentState",
    "Decision",
    "Explanation",
    "Facts",
    "FiredRule",
    "Item",
    "Lang",
    "Law",
    "Near",
    "NoteDecision",
    "OtherWay",
    "Outcome",
    "PackError",
    "Party",
    "Person",
    "Problem",
    "Secrecy",
    "Step",
    "Tri",
    "Vocabulary",
    "decide",
    "decide_note",
    "decision_bytes",
    "explain",
    "load",
    "load_contents",
    "other_ways",
    "pack_contents",
    "rules_of",
]
