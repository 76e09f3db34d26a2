"""The page says in words that two engines did not agree, and keeps what was written."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from app import serving
from app.keys import SoftwareKeyring
from app.records.store import Store
from policies import Facts, Law
from tests.web.test_disclosure_pages import form, made, text, to
from tests.web.town import Town, build


class Says:
    """Another engine that answers as it is told to."""

    engine = "stand-in 1"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def lets_out(self, facts: Mapping[str, Facts]) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return bool(self.answer)


@pytest.fixture
def adviser() -> Says:
    return Says(False)


@pytest.fixture
def town(store: Store, keyring: SoftwareKeyring, law: Law, adviser: Says) -> Town:
    return build(store, keyring, law.with_adviser(adviser))


@pytest.mark.parametrize(
    ("answer", "sv", "en"),
    [
        (False, "de svarade olika på den här frågan", "they answered this question differently"),
        (ValueError(), "den andra regelmotorn kunde inte svara", "rule engine could not answer"),
    ],
)
def test_the_page_says_why_nothing_left(
    town: Town, adviser: Says, sign_in, answer: Any, sv: str, en: str
) -> None:  # type: ignore[no-untyped-def]
    adviser.answer = answer
    case = town.case()
    note = town.note(case)
    karin = sign_in("karin")
    refused = karin.post(to(town, note), **form(town, case))
    assert refused.status_code == 422
    assert sv in text(refused)
    assert "Brådskar det" in text(refused)
    assert made(town, case) == 0
    refused = karin.client.post(
        to(town, note),
        data={"csrf_token": karin.token, **form(town, case)},
        headers={"Accept-Language": "en"},
    )
    assert en in text(refused)


def house(adviser: object) -> Any:
    said: list[str] = []
    return SimpleNamespace(
        law=SimpleNamespace(adviser=adviser),
        operator=lambda name: name,
        clock=lambda: None,
        store=said,
    )


def test_a_start_with_one_engine_alone_says_so_and_logs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(serving, "no_second_opinion", lambda who, **_: logged.append(who))
    serving._say_who_is_asked(house(None))
    assert "second_opinion = false" in capsys.readouterr().err
    assert logged == ["sluss serve"]
    serving._say_who_is_asked(house(Says(True)))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(serving, "engine_version", lambda: "")
    serving._say_who_is_asked(house(Says(True)))
    assert "every disclosure will be refused" in capsys.readouterr().err
    assert logged == ["sluss serve"]
