"""What entries about keys, the log, incidents and erasures say happened: see `trail_sentences`."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

UPKEEP_SENTENCES: dict[str, LazyString] = {
    "case.erased": lazy_gettext("gallrade ett ärende, när tiden enligt gallringsbeslutet var ute."),
    "details.erased": lazy_gettext("gallrade uppgifter ur loggen. Posterna själva finns kvar."),
    "case.entries_gone": lazy_gettext(
        "gallrade ärendets äldsta poster ur loggen. Vad de sade syns inte mer."
    ),
    "entries.pruned": lazy_gettext(
        "gallrade poster ur loggen. Deras kontrollsummor finns kvar, så loggen kan fortfarande "
        "kontrolleras."
    ),
    "incident.pack_made": lazy_gettext("tog fram underlag om en incident."),
    "incident.pack_refused": lazy_gettext("försökte ta fram underlag om en incident."),
    "incident.rows_differ": lazy_gettext(
        "tog inte fram underlag om en incident, därför att förteckningen över loggens poster inte "
        "stämmer med loggen."
    ),
    "delegation.differs": lazy_gettext(
        "kunde inte besluta med stöd av en delegation som står annorlunda i databasen än i loggen."
    ),
    "delivery.differs": lazy_gettext(
        "fick inte se något inkommet, därför att det står annorlunda i databasen än i loggen."
    ),
    "role.differs": lazy_gettext(
        "släpptes inte in, för rollen står annorlunda i databasen än i loggen."
    ),
    "team.differs": lazy_gettext(
        "fick inte öppna ärendet, för platsen i ärendegruppen står annorlunda i databasen än "
        "i loggen."
    ),
    "index.compared": lazy_gettext("jämförde förteckningen över loggens poster med loggen."),
    "index.put_right": lazy_gettext("rättade förteckningen över loggens poster efter loggen."),
    "index.rebuilt": lazy_gettext(
        "gjorde om förteckningen över loggens poster så att den säger det som loggen säger."
    ),
    "installation.configured": lazy_gettext("startade tjänsten med ändrade inställningar."),
    "installation.no_second_opinion": lazy_gettext(
        "startade tjänsten utan att en andra regelmotor tillfrågas innan något lämnas ut."
    ),
    "installation.opened": lazy_gettext("tog installationen i bruk."),
    "log.begun_anew": lazy_gettext(
        "började loggen under ett nytt namn, därför att den gamla inte längre kunde förseglas."
    ),
    "log.keys_changed": lazy_gettext("antecknade att nycklarna som loggen signeras med är andra."),
    "person.add_asked": lazy_gettext(
        "fick frågan om en ny person är någon som har skyddade personuppgifter."
    ),
    "purge.proposed": lazy_gettext("föreslog en gallring, som någon annan ska släppa."),
    "purge.refused": lazy_gettext("försökte föreslå eller släppa en gallring, men det gick inte."),
    "purge.released": lazy_gettext("släppte en gallring som någon annan hade föreslagit."),
    "purge.planned": lazy_gettext("tog fram vad som kan gallras."),
    "ring.case_keys_resealed": lazy_gettext(
        "förseglade ärendens nycklar på nytt, under organisationens nya nyckelring."
    ),
    "ring.deliveries_resealed": lazy_gettext(
        "förseglade det som kommit in på nytt, under organisationens nya nyckelring."
    ),
    "ring.destroyed": lazy_gettext("förstörde en organisations gamla nyckelring."),
    "ring.details_resealed": lazy_gettext(
        "förseglade loggens uppgifter på nytt, under organisationens nya nyckelring."
    ),
    "ring.renew_refused": lazy_gettext("försökte förnya en nyckelring, men det gick inte."),
    "ring.renewal_resumed": lazy_gettext("fortsatte att förnya en organisations nyckelring."),
    "ring.renewed": lazy_gettext("förnyade en organisations nyckelring."),
    "ring.subjects_resealed": lazy_gettext(
        "förseglade personers identitet på nytt, under organisationens nya nyckelring."
    ),
    "ring.texts_resealed": lazy_gettext(
        "förseglade texter på nytt, under organisationens nya nyckelring."
    ),
    "root.destroyed": lazy_gettext("förstörde den förra rotnyckeln."),
    "root.renewed": lazy_gettext(
        "bytte rotnyckel och förseglade varje nyckelring på nytt under den nya."
    ),
}
