"""The tables of an export tell what happened to somebody who has nothing else."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from tests.flows.test_exporting import WHOLE, Desk, busy, decided, desk, erase, rows, unzipped

__all__ = ["busy", "desk"]


def test_a_refusal_is_a_decision_with_what_the_law_answered(desk: Desk, busy: str) -> None:
    files = unzipped(desk.fetch(desk.make()))
    refused, disclosed = decided(files)["refused"], decided(files)["disclosed"]
    [entry] = [row for row in rows(files, "entries") if row["act"] == "note.disclosure_refused"]
    assert refused["id"] == entry["detail"]["refusal"]
    assert refused["reason"] == "law"
    assert (refused["outcome"], refused["purpose"]) == ("needs", entry["purpose"])
    assert [one["outcome"] for one in refused["law_answered"]] == ["needs"]
    assert refused.keys() == disclosed.keys()
    assert (refused["decided_by"], refused["arrives"]) == ("", "")
    named = unzipped(desk.fetch(desk.make(replace(WHOLE, staff_named=True))))
    assert decided(named)["refused"]["decided_by"] == "Karin Holm"
    in_csv = list(csv.DictReader(io.StringIO(files["contents/decisions.csv"].decode("utf-8-sig"))))
    assert sorted(one["decision"] for one in in_csv) == ["disclosed", "refused"]


def test_what_a_refusal_rested_on_shows_no_more_than_a_disclosure_does(
    desk: Desk, busy: str
) -> None:
    """The law's answer goes along, and never the facts that it was asked on."""
    made = decided(unzipped(desk.fetch(desk.make())))
    refused, disclosed = made["refused"], made["disclosed"]
    [no], [yes] = refused["law_answered"], disclosed["law_answered"]
    assert no.keys() == yes.keys()
    assert "facts" not in refused


def test_each_entry_says_in_words_what_happened(desk: Desk, busy: str) -> None:
    files = unzipped(desk.fetch(desk.make(replace(WHOLE, staff_named=True))))
    told = {row["act"]: row for row in rows(files, "entries")}
    read = told["note.disclosed"]
    assert read["sentence_sv"] == (
        "Karin Holm lämnade ut en anteckning, version 1, till Lokalpolisområde Torsby."
    )
    assert read["sentence_en"].startswith("Karin Holm disclosed a note, version 1, to ")
    for row in rows(files, "entries"):
        for language in ("sv", "en"):
            sentence = row[f"sentence_{language}"]
            assert row["act"] not in sentence
            assert sentence[-1] == "."
            assert "%(" not in sentence
    as_csv = csv.DictReader(io.StringIO(files["contents/entries.csv"].decode("utf-8-sig")))
    assert {row["sentence_sv"] for row in as_csv} == {row["sentence_sv"] for row in told.values()}


def test_who_is_not_named_is_told_by_role(desk: Desk, busy: str) -> None:
    found = rows(unzipped(desk.fetch(desk.make())), "entries")
    [row] = [one for one in found if one["act"] == "note.disclosed"]
    assert "Karin" not in row["sentence_sv"]
    role = desk.town.law.vocabulary.roles["case_worker"]
    assert row["sentence_sv"].startswith(f"{role.sv} lämnade ut")
    assert row["sentence_en"].startswith(f"{role.en} disclosed")


def test_what_is_erased_is_not_made_up(desk: Desk, busy: str) -> None:
    gone = next(one for one in desk.town.entries() if one.op == "note.disclosed")
    erase(desk, gone.n)
    found = rows(unzipped(desk.fetch(desk.make())), "entries")
    [row] = [one for one in found if one["n"] == gone.n]
    assert row["sentence_sv"].endswith(" gjorde något. Vad det gällde är gallrat.")
