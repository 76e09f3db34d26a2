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
    "emergency.asked": lazy_gettext(
        "begärde nödöppning av ärendet, där någon har eller kan ha skyddade personuppgifter."
    ),
    "emergency.confirm_repeated": lazy_gettext(
        "försökte bekräfta en nödöppning som redan var bekräftad."
    ),
    "emergency.confirmed": lazy_gettext("bekräftade en kollegas nödöppning av ärendet."),
    "emergency.listed": lazy_gettext("såg sidan för nödöppning."),
    "emergency.not_allowed": lazy_gettext("försökte nödöppna utan att ha den uppgiften."),
    "emergency.not_found": lazy_gettext(
        "försökte bekräfta en nödöppning som inte finns för hen eller inte längre väntar."
    ),
    "emergency.opened": lazy_gettext("nödöppnade ärendet för läsning i fyra timmar."),
    "emergency.refused": lazy_gettext("försökte nödöppna ett ärende, men det gick inte."),
    "emergency.repeated": lazy_gettext("skickade formuläret om nödöppning en gång till."),
    "emergency.review_not_found": lazy_gettext(
        "försökte kontrollera en nödöppning som inte finns för hen."
    ),
    "emergency.review_repeated": lazy_gettext(
        "försökte kontrollera en nödöppning som redan var kontrollerad."
    ),
    "emergency.reviewed": lazy_gettext("gjorde loggkontroll av en nödöppning av ärendet."),
    "emergency.seen": lazy_gettext("såg listan över nödöppningar."),
    "extract.not_allowed": lazy_gettext(
        "försökte göra ett registerutdrag utan att ha den uppgiften."
    ),
    "extract.not_found": lazy_gettext(
        "försökte släppa ett registerutdrag om någon som inte finns för hen."
    ),
    "extract.released": lazy_gettext("släppte ett registerutdrag till den som det gäller."),
    "extract.rows_differ": lazy_gettext(
        "släppte inte ett registerutdrag, därför att förteckningen över loggens poster inte "
        "stämmer med loggen."
    ),
    "extract.sought": lazy_gettext("sökte en person för ett registerutdrag."),
    "extract.texts_listed": lazy_gettext("såg vilka anteckningar som kan ges till den unge."),
    "extract.texts_not_found": lazy_gettext(
        "försökte släppa anteckningars text i ett ärende som inte finns för hen."
    ),
    "extract.texts_refused": lazy_gettext(
        "försökte släppa anteckningars text till den unge, men det gick inte."
    ),
    "extract.texts_released": lazy_gettext("släppte texten i %(note)s till den unge."),
    "letter.not_found": lazy_gettext("sökte ett brev om ett utlämnande som inte finns för hen."),
    "letter.refused": lazy_gettext("försökte avgöra ett brev om utlämnande, men det gick inte."),
    "letter.released": lazy_gettext("släppte brevet om utlämnandet till %(recipient)s."),
    "letter.repeated": lazy_gettext("försökte avgöra ett brev som redan var släppt."),
    "letter.viewed": lazy_gettext("såg brevet om ett utlämnande."),
    "letter.withheld": lazy_gettext(
        "beslutade att inte skicka brev om utlämnandet till %(recipient)s."
    ),
    "note.relation_warned": lazy_gettext(
        "ville öppna en anteckning i ett ärende där hen har anmält jäv, och fick en varning först."
    ),
    "relation.declare_repeated": lazy_gettext("skickade en anmälan om jäv en gång till."),
    "relation.declared": lazy_gettext("anmälde jäv."),
    "relation.listed": lazy_gettext("såg sina anmälningar om jäv."),
    "relation.not_found": lazy_gettext(
        "försökte ta tillbaka en anmälan om jäv som inte finns för hen."
    ),
    "relation.withdrawn": lazy_gettext("tog tillbaka en anmälan om jäv."),
    "signal.answer_repeated": lazy_gettext("försökte svara på en signal som redan hade ett svar."),
    "signal.answered": lazy_gettext("svarade på en signal i loggen."),
    "signal.listed": lazy_gettext("såg listan över signaler i loggen."),
    "signal.not_allowed": lazy_gettext("försökte se signaler utan att ha den uppgiften."),
    "signal.not_found": lazy_gettext("försökte svara på en signal som inte finns för hen."),
    "training.certificate_not_found": lazy_gettext(
        "sökte ett övningsintyg som inte finns för hen."
    ),
    "training.certificate_seen": lazy_gettext("såg sitt övningsintyg."),
    "training.certified": lazy_gettext("begärde och fick ett övningsintyg."),
    "training.certify_refused": lazy_gettext(
        "begärde ett övningsintyg, men alla fall var inte besvarade."
    ),
    "training.certify_repeated": lazy_gettext("begärde samma övningsintyg en gång till."),
    "round.answer_repeated": lazy_gettext(
        "försökte svara på en post i loggkontrollen som redan hade ett svar."
    ),
    "round.answered": lazy_gettext("svarade på en post i månadens loggkontroll."),
    "round.ask_repeated": lazy_gettext(
        "försökte fråga om en post i loggkontrollen som redan hade en fråga eller ett svar."
    ),
    "round.asked": lazy_gettext("ställde en fråga till en medarbetare i loggkontrollen."),
    "round.draw_repeated": lazy_gettext("försökte dra månadens loggkontroll en gång till."),
    "round.drawn": lazy_gettext("drog månadens loggkontroll."),
    "round.item_not_found": lazy_gettext(
        "sökte en post i loggkontrollen som inte finns för hen, eller som gäller hen själv."
    ),
    "round.listed": lazy_gettext("såg listan över loggkontrollens rundor."),
    "round.log_asked": lazy_gettext("såg sidan för att öppna en medarbetares hela logg."),
    "round.log_opened": lazy_gettext("öppnade en medarbetares hela logg efter att ha angett skäl."),
    "round.not_allowed": lazy_gettext(
        "försökte se loggkontrollens rundor utan att ha den uppgiften."
    ),
    "round.not_found": lazy_gettext("sökte en runda av loggkontrollen som inte finns för hen."),
    "round.question_not_found": lazy_gettext("försökte svara på en fråga som inte är till hen."),
    "round.questions_seen": lazy_gettext("såg frågor till sig från loggkontrollen."),
    "round.replied": lazy_gettext("svarade på en fråga från loggkontrollen."),
    "round.reply_repeated": lazy_gettext(
        "försökte svara på en fråga från loggkontrollen som redan hade ett svar."
    ),
    "round.reported": lazy_gettext("såg rapporten från månadens loggkontroll."),
    "round.sign_refused": lazy_gettext(
        "försökte skriva under månadens loggkontroll, men det gick inte."
    ),
    "round.signed": lazy_gettext("skrev under månadens loggkontroll."),
    "round.viewed": lazy_gettext("såg månadens loggkontroll."),
}
