"""A worker that finds the rules damaged answers with that, and tells the operator everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import serving
from app.config import Config
from app.config import load as load_config
from policies import PackError, Problem

CONFIG = """
[service]
port = 8017
hosts = ["localhost"]

[storage]
database = "sqlite:///sluss.db"
state = "state"

[keys]
root = "root.key"
forms = "forms.key"

[signer]
origin = "sluss.example.se/log"
key = "signer.key"
state = "signer.state"
"""


def test_a_worker_that_cannot_read_the_rules_serves_a_page_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "forms.key").write_text("00" * 32 + "\n")
    (tmp_path / "forms.key").chmod(0o600)

    def damaged(_config: Config) -> None:
        raise PackError([Problem("rules/stops.toml", 7, "wrong"), Problem("pack.toml", 0, "gone")])

    monkeypatch.setattr(serving, "open_house", damaged)
    server = serving.Server(load_config(tmp_path / "config.toml"))
    answer = server.load().test_client().get("/", base_url="http://localhost")
    assert answer.status_code == 503
    assert "Reglerna kan inte läsas" in answer.get_data(as_text=True)
    told = capsys.readouterr().err
    assert "rules/stops.toml:7: wrong" in told
    assert "pack.toml: gone" in told
