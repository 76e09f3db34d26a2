"""Arguments that cannot be meant are refused before anything is done."""

from __future__ import annotations

import argparse

import pytest

import app.cli
import audit.__main__
from app.signer_commands import _rotate


@pytest.mark.parametrize("every", ["0", "-3", "nan", "inf", "1e9", "ofta"])
def test_the_log_is_signed_at_a_pace_that_can_be_kept(
    every: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        app.cli._parser().parse_args(["seal", f"--every={every}"])
    assert ended.value.code == 2
    assert "--every" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_witness_answers_on_a_port_that_there_is(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        audit.__main__._parser().parse_args(["witness", "serve", "x", f"--port={port}"])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_an_incident_is_of_a_time_that_clocks_can_show(
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = ["--from=0001-01-01", "--to=9999-12-31", "--into=x"]
    with pytest.raises(SystemExit) as ended:
        app.cli._parser().parse_args(["incident-pack", *window])
    assert ended.value.code == 2
    assert "--from" in capsys.readouterr().err


def test_an_overlap_of_the_logs_keys_is_not_ended_for_an_organisation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = argparse.Namespace(organisation="sunne-soc", retire=True)
    assert _rotate(lambda: "tester", both) == 2
    assert "nothing was changed" in capsys.readouterr().err
