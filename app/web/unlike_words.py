"""What of a disclosure's grounds is not as the log says, in words for pages and the trail."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from app.flows.gate_held import Unlike

UNLIKE: dict[Unlike, LazyString] = {
    "index_differs": lazy_gettext("förteckningen över loggposter stämmer inte med ärendets logg"),
    "note_differs": lazy_gettext("anteckningens senaste version är inte den som loggen anger"),
    "consent_withdrawn": lazy_gettext("samtycket är återkallat enligt loggen men inte i databasen"),
    "consent_differs": lazy_gettext("ett samtycke står annorlunda i databasen än i loggen"),
    "answer_differs": lazy_gettext("en bedömning står annorlunda i databasen än i loggen"),
    "approval_differs": lazy_gettext("ett svar om godkännande saknas i databasen"),
    "delegation_differs": lazy_gettext("delegationen står annorlunda i databasen än i loggen"),
    "team_differs": lazy_gettext(
        "din plats i ärendegruppen står annorlunda i databasen än i loggen"
    ),
}
