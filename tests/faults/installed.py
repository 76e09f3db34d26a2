"""An installation on SQLite with a signer and a file outside, worked on by commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from app.config import load as load_config
from app.main import install

CONFIG = """
[storage]
database = "sqlite:///sluss.db"
state = "state"
[keys]
root = "root.key"
forms = "forms.key"
[signer]
origin = "sluss.example.se/log"
key = "signer/signer.key"
state = "signer/signer.state"
outside = "outside.jsonl"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    install(load_config(tmp_path / "config.toml"), operator_name="tester")
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(folder / "config.toml")])
