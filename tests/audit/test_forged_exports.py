"""Whoever passes an export on can hide nothing in it, and put nothing into it, unseen.

Each forgery by its name, once by somebody who changes files alone, and once by somebody who knows
the format and writes the manifest anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from audit import __main__ as command
from audit.canonical import canonical
from audit.checkpoint import SigningKey
from audit.manifest import Scope, parse_manifest
from audit.pruning import CASE_GONE_OP, PRUNED, PRUNING_OP, gone_detail, pruning_detail
from audit.report import Report
from audit.verify import verify_export

OURS = Scope(kind="organisation", of="org-sunne", start=10, stop=40)
CASE = Scope(kind="case", of="case-1", start=10, stop=40)
AGED = Scope(kind="case", of="case-1", start=0, stop=40)
"""The case from its beginning, of which what is below the minimum index was pruned."""
MINIMUM = 12
EARLIER = Scope(kind="organisation", of="org-sunne", start=10, stop=30)


@dataclass
class Made:
    """An export, another and earlier one of the same log, and one of another log."""

    folder: Path
    earlier: Path
    elsewhere: Path
    key: SigningKey
    kit: Any

    def verify(self) -> Report:
        return verify_export(self.folder, [self.key.verifier])

    def lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in (self.folder / name).read_bytes().splitlines()]

    def put(self, name: str, lines: Iterable[Any]) -> None:
        written = b"".join(canonical(line, limit=100_000) + b"\n" for line in lines)
        (self.folder / name).write_bytes(written)

    def change(self, name: str, wanted: Callable[[Any], bool], to: Callable[[Any], Any]) -> None:
        """Lines that are wanted become what `to` makes of them, or go where that is nothing."""
        changed = [to(line) if wanted(line) else line for line in self.lines(name)]
        assert changed != self.lines(name), "the forgery must change something"
        self.put(name, [line for line in changed if line])

    def drop(self, *gone: int) -> dict[str, Any]:
        """Entries and their details go; what the manifest would then have to say."""
        for name in ("entries.jsonl", "details.jsonl"):
            self.put(name, [line for line in self.lines(name) if line["n"] not in gone])
        old = parse_manifest((self.folder / "manifest.json").read_bytes())
        left = tuple(n for n in old.supporting if n not in gone)
        return {"entries": len(self.lines("entries.jsonl")), "supporting": left}

    def relist(self, **changes: Any) -> None:
        """`contents.json` made anew over the files as they are."""
        content = json.loads((self.folder / "contents.json").read_bytes())
        for path in content["files"]:
            data = (self.folder / path).read_bytes()
            content["files"][path] = hashlib.sha256(data).hexdigest()
        data = canonical(content | changes, limit=100_000)
        (self.folder / "contents.json").write_bytes(data)


@pytest.fixture
def make(
    log: Any,
    kit: Any,
    key: SigningKey,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    kept: dict[Scope, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Scope], Made]:
    """Copies of exports that are written once, because that takes a while."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)

    def made(scope: Scope) -> Made:
        if scope not in kept:
            # Not under this test's own folder, which goes when the test has passed.
            kept[scope] = tmp_path_factory.mktemp("kept")
            _write(kept[scope], scope, log, kit, key)
        shutil.copytree(kept[scope], tmp_path / "made")
        folders = [tmp_path / "made" / name / "export" for name in ("made", "earlier", "elsewhere")]
        return Made(*folders, key, kit)

    return made


@pytest.fixture(scope="module")
def kept() -> dict[Scope, Path]:
    return {}


def _write(folder: Path, scope: Scope, log: Any, kit: Any, key: SigningKey) -> None:
    for number in range(50):
        ours = number % 5 != 0
        kit.write(
            log,
            number,
            org="org-sunne" if ours else "org-torsby",
            case=f"case-{number % 2}" if ours else None,
            object={"subject": f"person-{number % 3}"},
        )
    given = {"org": "org-sunne", "case": "case-1"}
    if scope == AGED:
        _prune(log, kit)
    for name, which, number in (("earlier", EARLIER, 50), ("made", scope, 51)):
        kit.write_vouched(
            log,
            key,
            folder / name,
            scope=which,
            number=number,
            files={"contents/table.csv": name.encode()},
            **given,
        )
    other = kit.log()
    for number in range(60):
        kit.write(other, number, org="org-sunne", case="case-1")
    stranger = SigningKey("elsewhere.example/log", bytes(32))
    kit.write_vouched(other, stranger, folder / "elsewhere", scope=OURS, number=60, **given)


def _prune(log: Any, kit: Any) -> None:
    """What the service does: the organisation says what goes, the case says which of its own."""
    gone = list(range(MINIMUM))
    ours = [n for n in gone if n % 5]
    detail = pruning_detail(MINIMUM, len(ours), gone)
    kit.write(log, 52, op=PRUNING_OP, org="org-sunne", case=None, object={}, detail=detail)
    told = gone_detail(sum(n % 2 for n in ours))
    case = {"org": "org-sunne", "case": "case-1"}
    kit.write(log, 53, op=CASE_GONE_OP, object={}, detail=told, **case)
    for n in gone:
        log.leaf_rows[n] = replace(log.leaf_rows[n], entry=PRUNED)
        for name in ("actor", "object", "detail"):
            del log.detail_rows[n, name]
    log.pruned_below = MINIMUM


def _withhold_one(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (21, "detail"),
        lambda line: {"f": "detail", "n": 21, "why": "withheld"},
    )
    return {}


def _withhold_who(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: line["f"] == "actor",
        lambda line: {"f": "actor", "n": line["n"], "why": "withheld"},
    )
    return {}


def _withhold_the_vouching_entry(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (51, "detail"),
        lambda line: {"f": "detail", "n": 51, "why": "withheld"},
    )
    return {}


def _let_details_seem_erased(made: Made) -> dict[str, Any]:
    made.change("details.jsonl", lambda line: line["n"] == 21, lambda line: None)
    return {}


def _take_tables_away(made: Made) -> dict[str, Any]:
    shutil.rmtree(made.folder / "contents")
    (made.folder / "contents.json").unlink()
    return {}


def _take_tables_and_their_entry_away(made: Made) -> dict[str, Any]:
    _take_tables_away(made)
    return made.drop(51)


def _take_the_vouching_entry_away(made: Made) -> dict[str, Any]:
    return made.drop(51)


def _end_earlier(made: Made) -> dict[str, Any]:
    changes = made.drop(*range(35, 41))
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    scope = Scope(kind=old.scope.kind, of=old.scope.of, start=10, stop=35)
    return {**changes, "scope": scope}


def _begin_later(made: Made) -> dict[str, Any]:
    changes = made.drop(*range(16))
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    scope = Scope(kind=old.scope.kind, of=old.scope.of, start=17, stop=40)
    return {**changes, "scope": scope, "supporting": (16, *changes["supporting"])}


def _end_earlier_without_the_vouching_entry(made: Made) -> dict[str, Any]:
    _take_tables_away(made)
    return {**_end_earlier(made), **made.drop(51)}


def _call_it_the_whole_log(made: Made) -> dict[str, Any]:
    """Four entries in a row are ours, so that nothing is missing between them."""
    _take_tables_away(made)
    kept = set(range(21, 25))
    held = {line["n"] for line in made.lines("entries.jsonl")}
    changes = made.drop(*(held - kept))
    return {**changes, "scope": Scope(kind="whole", start=21, stop=25), "supporting": ()}


def _call_it_a_case(made: Made) -> dict[str, Any]:
    other = {line["n"] for line in made.lines("entries.jsonl") if line["n"] % 2 == 0}
    return {**made.drop(*other), "scope": CASE}


def _name_another_recipient(made: Made) -> dict[str, Any]:
    order = {"export": "export-1", "recipient": "Tidningen", "purpose": "Granskning"}
    made.relist(order=order)
    return {}


def _name_another_purpose(made: Made) -> dict[str, Any]:
    order = {"export": "export-1", "recipient": "Revisorn", "purpose": "Forskning"}
    made.relist(order=order)
    return {}


def _say_that_less_was_to_be_shown(made: Made) -> dict[str, Any]:
    _withhold_one(made)
    path = made.folder / "contents/shown.txt"
    path.write_bytes(path.read_bytes().replace(b"21 sss", b"21 sws"))
    made.relist()
    return {}


def _say_another_scope_in_both_places(made: Made) -> dict[str, Any]:
    changes = _end_earlier(made)
    scope = changes["scope"]
    lines = (made.folder / "contents/shown.txt").read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if int(line.split()[0]) < 35]
    (made.folder / "contents/shown.txt").write_bytes(b"".join(kept))
    made.relist(scope={"kind": scope.kind, "of": scope.of, "start": 10, "stop": 35})
    return changes


def _details_of(made: Made, n: int) -> list[Any]:
    return [line for line in made.lines("details.jsonl") if line["n"] == n]


def _put_one_entrys_details_under_another(made: Made) -> dict[str, Any]:
    theirs = {line["f"]: line for line in _details_of(made, 23)}
    made.change(
        "details.jsonl",
        lambda line: line["n"] == 21,
        lambda line: {**theirs[line["f"]], "n": 21},
    )
    return {}


def _exchange_two_entrys_details(made: Made) -> dict[str, Any]:
    to = {21: 23, 23: 21}
    lines = [{**line, "n": to.get(line["n"], line["n"])} for line in made.lines("details.jsonl")]
    made.put("details.jsonl", sorted(lines, key=lambda line: (line["n"], line["f"])))
    return {}


def _use_anothers_salts(made: Made) -> dict[str, Any]:
    salts = {line["f"]: line["s"] for line in _details_of(made, 23)}
    made.change(
        "details.jsonl",
        lambda line: line["n"] == 21,
        lambda line: {**line, "s": salts[line["f"]]},
    )
    return {}


def _use_another_salt(made: Made) -> dict[str, Any]:
    salt = base64.b64encode(bytes(32)).decode()
    made.change("details.jsonl", lambda line: line["n"] == 21, lambda line: {**line, "s": salt})
    return {}


def _put_an_entry_of_another_log_in(made: Made) -> dict[str, Any]:
    for name in ("entries.jsonl", "details.jsonl"):
        theirs = (made.elsewhere / name).read_bytes().splitlines(keepends=True)
        ours = (made.folder / name).read_bytes().splitlines(keepends=True)
        taken = [line for line in theirs if json.loads(line)["n"] == 21]
        left = [line for line in ours if json.loads(line)["n"] != 21]
        mixed = sorted([*left, *taken], key=lambda line: json.loads(line)["n"])
        (made.folder / name).write_bytes(b"".join(mixed))
    return {}


def _use_the_tables_of_an_earlier_export(made: Made) -> dict[str, Any]:
    shutil.rmtree(made.folder / "contents")
    shutil.copytree(made.earlier / "contents", made.folder / "contents")
    shutil.copyfile(made.earlier / "contents.json", made.folder / "contents.json")
    return {}


def _use_a_table_of_an_earlier_export(made: Made) -> dict[str, Any]:
    table = "contents/table.csv"
    shutil.copyfile(made.earlier / table, made.folder / table)
    return {}


def _let_an_earlier_export_vouch(made: Made) -> dict[str, Any]:
    """The tables, the scope and the vouching entry of the earlier, in the tree of the later."""
    _use_the_tables_of_an_earlier_export(made)
    for name in ("entries.jsonl", "details.jsonl"):
        lines = (made.folder / name).read_bytes().splitlines(keepends=True)
        lines += (made.earlier / name).read_bytes().splitlines(keepends=True)
        there = {json.loads(line)["n"] for line in lines}
        assert {50, 51} <= there
        kept = [line for line in lines if json.loads(line)["n"] in {50}]
        ours = [line for line in lines[:-1] if json.loads(line)["n"] < 40]
        unique = sorted({*ours, *kept}, key=lambda line: json.loads(line)["n"])
        (made.folder / name).write_bytes(b"".join(unique))
    return {"entries": len(made.lines("entries.jsonl"))}


def _renumber_the_organisations_counter(made: Made) -> dict[str, Any]:
    made.change(
        "entries.jsonl",
        lambda line: line["n"] in (21, 22),
        lambda line: {**line, "ko": line["ko"] + 1},
    )
    return {}


def _renumber_a_cases_counter(made: Made) -> dict[str, Any]:
    return _renumbered(made, 1)


def _give_two_entries_one_number_in_the_case(made: Made) -> dict[str, Any]:
    return _renumbered(made, -1)


def _renumbered(made: Made, by: int) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (21, "object"),
        lambda line: {**line, "d": {**line["d"], "k": line["d"]["k"] + by}},
    )
    return {}


def _put_another_person_in(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (21, "object"),
        lambda line: {**line, "d": {**line["d"], "subject": "person-9"}},
    )
    return {}


def _say_that_an_entry_only_supports(made: Made) -> dict[str, Any]:
    _withhold_one(made)
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    return {"supporting": tuple(sorted((21, *old.supporting)))}


def _name_support_that_is_not_there(made: Made) -> dict[str, Any]:
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    return {"supporting": (*old.supporting, 52)}


def _name_support_twice(made: Made) -> dict[str, Any]:
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    return {"supporting": (*old.supporting, old.supporting[0])}


def _add_an_entry_that_supports_nothing(made: Made) -> dict[str, Any]:
    """The neighbour of an earlier export, which proves nothing about this one."""
    name = "entries.jsonl"
    taken = [
        line
        for line in (made.earlier / name).read_bytes().splitlines(keepends=True)
        if json.loads(line)["n"] == 50
    ]
    lines = [*(made.folder / name).read_bytes().splitlines(keepends=True), *taken]
    lines.sort(key=lambda line: json.loads(line)["n"])
    (made.folder / name).write_bytes(b"".join(lines))
    hidden = [{"f": f, "n": 50, "why": "withheld"} for f in ("actor", "detail", "object")]
    details = sorted([*made.lines("details.jsonl"), *hidden], key=lambda line: line["n"])
    made.put("details.jsonl", details)
    old = parse_manifest((made.folder / "manifest.json").read_bytes())
    supporting = tuple(sorted((50, *old.supporting)))
    return {"entries": old.entries + 1, "supporting": supporting}


def _leave_out_the_first_entry_that_is_left(made: Made) -> dict[str, Any]:
    """In all that whoever makes the export can make: files, list, manifest."""
    path = made.folder / "contents/shown.txt"
    first = int(path.read_bytes().split()[0])
    assert first == MINIMUM + 1
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    made.relist()
    return made.drop(first)


def _leave_out_what_the_case_says_is_gone(made: Made) -> dict[str, Any]:
    return made.drop(_said(made))


def _say_that_more_of_the_case_is_gone(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (_said(made), "detail"),
        lambda line: {**line, "d": gone_detail(6)},
    )
    return _leave_out_the_first_entry_that_is_left(made)


def _said(made: Made) -> int:
    [one] = [line["n"] for line in made.lines("entries.jsonl") if line["op"] == CASE_GONE_OP]
    return int(one)


def _let_another_case_say_it(made: Made) -> dict[str, Any]:
    made.change(
        "details.jsonl",
        lambda line: (line["n"], line["f"]) == (_said(made), "object"),
        lambda line: {**line, "d": {**line["d"], "case": "case-0"}},
    )
    return {}


OF_AGED: dict[Callable[[Made], dict[str, Any]], tuple[str, int | None, str]] = {
    _leave_out_the_first_entry_that_is_left: ("missing", 0, "counter"),
    _leave_out_what_the_case_says_is_gone: ("missing", 0, "counter"),
    _say_that_more_of_the_case_is_gone: ("missing", 0, "counter"),
    _let_another_case_say_it: ("missing", 0, "counter"),
}


# What each is, with what the verifier must say of it when the manifest was written anew.
FORGERIES: dict[Callable[[Made], dict[str, Any]], tuple[str, int | None, str]] = {
    _withhold_one: ("edited", 21, "contents/shown.txt"),
    _withhold_who: ("edited", 11, "contents/shown.txt"),
    _withhold_the_vouching_entry: ("missing", None, "contents.json"),
    _let_details_seem_erased: ("erased-without-entry", 21, "detail"),
    _take_tables_away: ("missing", None, "contents.json"),
    _take_tables_and_their_entry_away: ("missing", None, "contents.json"),
    _take_the_vouching_entry_away: ("missing", None, "contents.json"),
    _end_earlier: ("edited", None, "contents.json"),
    _begin_later: ("edited", None, "contents.json"),
    _end_earlier_without_the_vouching_entry: ("missing", None, "contents.json"),
    _call_it_the_whole_log: ("missing", None, "contents.json"),
    _call_it_a_case: ("edited", None, "contents.json"),
    _name_another_recipient: ("edited", None, "contents.json"),
    _name_another_purpose: ("edited", None, "contents.json"),
    _say_that_less_was_to_be_shown: ("edited", None, "contents.json"),
    _say_another_scope_in_both_places: ("edited", None, "contents.json"),
    _put_one_entrys_details_under_another: ("edited", 21, "actor"),
    _exchange_two_entrys_details: ("edited", 21, "object"),
    _use_anothers_salts: ("edited", 21, "actor"),
    _use_another_salt: ("edited", 21, "detail"),
    _put_an_entry_of_another_log_in: ("edited", 21, "entries.jsonl"),
    _use_the_tables_of_an_earlier_export: ("edited", None, "contents.json"),
    _use_a_table_of_an_earlier_export: ("edited", None, "contents/table.csv"),
    _let_an_earlier_export_vouch: ("edited", None, "contents.json"),
    _renumber_the_organisations_counter: ("edited", 21, "entries.jsonl"),
    _renumber_a_cases_counter: ("edited", 21, "object"),
    _give_two_entries_one_number_in_the_case: ("edited", 21, "object"),
    _put_another_person_in: ("edited", 21, "object"),
    _say_that_an_entry_only_supports: ("missing", 21, "contents/shown.txt"),
    _name_support_that_is_not_there: ("missing", 52, "manifest.json"),
    _name_support_twice: ("edited", None, "manifest.json"),
    _add_an_entry_that_supports_nothing: ("edited", 50, "manifest.json"),
}
_OF_AN_ORGANISATION_ONLY = {_call_it_a_case, _call_it_the_whole_log, _begin_later}
OF_A_CASE = [one for one in FORGERIES if one not in _OF_AN_ORGANISATION_ONLY]


@pytest.mark.parametrize("scope", [OURS, CASE, AGED])
def test_an_export_as_it_was_made_is_verified(make: Callable[[Scope], Made], scope: Scope) -> None:
    report = make(scope).verify()
    assert report.verified, report.words()
    assert "for:      Revisorn\npurpose:  Granskning\n" in report.words()
    assert "0 withheld from you" in report.words(), "what supporting entries do not show is none"


@pytest.mark.parametrize(
    ("scope", "forgery"),
    [
        *((OURS, one) for one in FORGERIES),
        *((CASE, one) for one in OF_A_CASE),
        *((AGED, one) for one in OF_AGED),
    ],
    ids=lambda one: one.kind if isinstance(one, Scope) else one.__name__.strip("_"),
)
def test_a_forger_who_writes_the_manifest_anew_is_named(
    make: Callable[[Scope], Made], scope: Scope, forgery: Callable[[Made], dict[str, Any]]
) -> None:
    made = make(scope)
    made.kit.forge(made.folder, **forgery(made))
    report = made.verify()
    assert not report.verified
    found = {(one.kind, one.index, one.where) for one in report.findings}
    assert (FORGERIES | OF_AGED)[forgery] in found, report.words()


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda one: one.__name__.strip("_"))
def test_a_forger_who_leaves_the_manifest_is_seen(
    make: Callable[[Scope], Made], forgery: Callable[[Made], dict[str, Any]]
) -> None:
    made = make(OURS)
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    forgery(made)
    after = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    assert made.verify().verified is (before == after)  # some forge the manifest and nothing else


def test_the_command_says_so_to_somebody_who_has_the_folder_and_the_key_alone(
    make: Callable[[Scope], Made], capsys: Any
) -> None:
    made = make(OURS)
    made.kit.forge(made.folder, **_take_tables_and_their_entry_away(made))
    key = made.key.verifier.text()
    assert command.main(["verify", str(made.folder), "--key", key]) == 1
    said = capsys.readouterr().out
    assert said.startswith("NOT VERIFIED")
    assert "nothing says for whom this was exported" in said


def test_a_copy_that_the_keeper_of_the_log_made_is_verified_when_asked_for(
    make: Callable[[Scope], Made], capsys: Any
) -> None:
    made = make(OURS)
    made.kit.forge(made.folder, **_take_tables_and_their_entry_away(made))
    asked = ["verify", str(made.folder), "--key", made.key.verifier.text(), "--unvouched"]
    assert command.main(asked) == 0
    assert "none that the log tells of" in capsys.readouterr().out
