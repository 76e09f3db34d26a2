"""While the rules cannot be read, every page says so, and nothing can be done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.web.closed import create_closed_app
from app.web.site import SiteSettings

SETTINGS = SiteSettings(form_secret=b"only for tests, never anything else", secure=False)


@pytest.fixture
def closed() -> FlaskClient:
    return create_closed_app(
        SETTINGS, clock=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    ).test_client()


@pytest.mark.parametrize("path", ["/", "/logga-in", "/inkommet", "/finns-inte", "/loggkontroll"])
def test_every_page_says_that_the_rules_cannot_be_read(closed: FlaskClient, path: str) -> None:
    answer = closed.get(path)
    assert answer.status_code == 503
    assert "Reglerna kan inte läsas" in answer.get_data(as_text=True)


def test_nothing_can_be_sent(closed: FlaskClient) -> None:
    assert closed.post("/logga-in", data={"user_name": "karin"}).status_code == 503


def test_it_is_told_in_english_too(closed: FlaskClient) -> None:
    answer = closed.get("/", headers={"Accept-Language": "en"})
    assert "The rules cannot be read" in answer.get_data(as_text=True)


def test_the_style_sheet_is_there(closed: FlaskClient) -> None:
    with closed.get("/static/sluss.css") as answer:
        assert answer.status_code == 200


def test_the_answer_has_the_security_headers(closed: FlaskClient) -> None:
    answer = closed.get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
