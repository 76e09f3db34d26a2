"""A small campaign of random alterations; the large one is `sluss bench --tamper N`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.bench.tampering import campaign
from app.bench.tampering.campaign import ALTERATIONS, print_campaign, run_campaign
from app.bench.tampering.in_export import add_file


@pytest.fixture(autouse=True)
def _no_flushing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def test_every_way_of_tampering_is_caught_and_named_and_no_clean_log_is() -> None:
    tally = run_campaign(len(ALTERATIONS), seed=20261126)
    assert (tally.unseen, tally.misnamed, tally.false_alarms) == ([], [], 0)
    assert tally.altered == tally.caught == tally.named == tally.clean == len(ALTERATIONS)
    assert len(tally.kinds) == len(ALTERATIONS) >= 94
    assert tally.holds


def test_a_campaign_of_one_seed_does_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_campaign(3, seed=5)
    first = capsys.readouterr().out
    assert print_campaign(3, seed=5)
    assert capsys.readouterr().out == first
    assert "named rightly     3 of 3" in first


def test_what_goes_unseen_is_told_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def change_nothing(folder: Path, chance: object) -> object:
        return add_file(folder, chance) if folder is None else campaign.Expected(frozenset())

    monkeypatch.setattr(campaign, "ALTERATIONS", (change_nothing,))
    assert not print_campaign(1, seed=1)
    assert "unseen: change_nothing (number 0)" in capsys.readouterr().out
