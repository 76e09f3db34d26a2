"""What the log says of work around the log: who reviewed, answered, closed, declared, in words."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

REVIEW_SENTENCES: dict[str, LazyString] = {
    "case.closed": lazy_gettext("avslutade ärendet."),
    "case.reopened": lazy_gettext("öppnade ärendet igen."),
    "case.state_not_found": lazy_gettext(
        "försökte avsluta eller öppna ett ärende som inte finns för hen."
    ),
    "case.state_repeated": lazy_gettext("avslutade eller öppnade ett ärende som redan var det."),
}
