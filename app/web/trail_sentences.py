"""What each kind of entry says happened, as the rest of a sentence that begins with who did it.

The blanks are filled by `trail_words`. A kind without a sentence here is caught by a test.
"""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from app.web.review_sentences import REVIEW_SENTENCES
from app.web.unlike_words import UNLIKE
from app.web.upkeep_sentences import UPKEEP_SENTENCES

SENTENCES: dict[str, LazyString] = {
    **REVIEW_SENTENCES,
    **UPKEEP_SENTENCES,
    "account.close_refused": lazy_gettext("försökte stänga ett konto, men det gick inte."),
    "account.closed": lazy_gettext("stängde ett konto, och alla dess roller upphörde."),
    "approval.answer_refused": lazy_gettext(
        "försökte svara på en fråga om godkännande, men det gick inte: %(reason)s."
    ),
    "approval.ask_not_found": lazy_gettext(
        "försökte begära godkännande, men anteckningen eller mottagaren finns inte för hen."
    ),
    "approval.ask_refused": lazy_gettext(
        "ville begära godkännande för %(note)s till %(recipient)s, men det gick inte: %(reason)s."
    ),
    "approval.ask_repeated": lazy_gettext(
        "skickade frågan om godkännande för %(note)s en gång till."
    ),
    "approval.asked": lazy_gettext(
        "bad om godkännande att lämna ut %(note)s, version %(version)s, till %(recipient)s."
    ),
    "approval.given": lazy_gettext(
        "godkände att %(note)s, version %(version)s, lämnas ut till %(recipient)s."
    ),
    "approval.list_refused": lazy_gettext(
        "försökte se frågor om godkännande utan att ha den uppgiften."
    ),
    "approval.listed": lazy_gettext("såg listan över frågor om godkännande."),
    "approval.not_found": lazy_gettext("sökte en fråga om godkännande som inte finns för hen."),
    "approval.read": lazy_gettext(
        "läste %(note)s och bedömningarna, för att svara om godkännande för %(recipient)s."
    ),
    "approval.refused": lazy_gettext(
        "sade nej till att %(note)s, version %(version)s, lämnas ut till %(recipient)s."
    ),
    "approval.viewed": lazy_gettext("såg frågan om godkännande för %(recipient)s, utan texten."),
    "approval.withdraw_refused": lazy_gettext(
        "försökte ta tillbaka en fråga om godkännande som redan var avgjord."
    ),
    "approval.withdrawn": lazy_gettext("tog tillbaka frågan om godkännande för %(recipient)s."),
    "team.change_refused": lazy_gettext(
        "försökte ändra ärendegruppen (%(colleague)s), men det gick inte: %(reason)s."
    ),
    "team.let_in": lazy_gettext("lade till %(colleague)s i ärendegruppen."),
    "team.not_found": lazy_gettext("sökte en ärendegrupp eller en kollega som inte finns för hen."),
    "team.taken_out": lazy_gettext("tog bort %(colleague)s ur ärendegruppen."),
    "team.viewed": lazy_gettext("såg vilka som är i ärendegruppen."),
    "case.listed": lazy_gettext("såg listan över sina ärenden."),
    "case.searched": lazy_gettext("sökte bland sina ärenden."),
    "case.not_found": lazy_gettext("sökte ett ärende som inte finns för hen."),
    "case.start_refused": lazy_gettext("försökte öppna ett ärende, men det gick inte."),
    "case.start_repeated": lazy_gettext("skickade formuläret för ett nytt ärende en gång till."),
    "case.started": lazy_gettext("öppnade ärendet."),
    "case.viewed": lazy_gettext("såg ärendets sida med rubriker, utan texter."),
    "consent.case_not_found": lazy_gettext(
        "försökte anteckna ett samtycke i ett ärende som inte finns för hen."
    ),
    "consent.listed": lazy_gettext("såg listan över samtycken i sina ärenden."),
    "consent.not_found": lazy_gettext("sökte ett samtycke som inte finns för hen."),
    "consent.record_refused": lazy_gettext("försökte anteckna ett samtycke, men det gick inte."),
    "consent.record_repeated": lazy_gettext("skickade formuläret om samtycke en gång till."),
    "consent.recorded": lazy_gettext("antecknade ett svar om samtycke för %(recipient)s."),
    "consent.withdraw_repeated": lazy_gettext(
        "återkallade ett samtycke för %(recipient)s som redan var återkallat."
    ),
    "consent.withdrawn": lazy_gettext("antecknade att samtycket för %(recipient)s är återkallat."),
    "delegation.add_refused": lazy_gettext("försökte ge en delegation, men det gick inte."),
    "delegation.confirm_refused": lazy_gettext(
        "försökte bekräfta en delegation, men det gick inte: %(reason)s."
    ),
    "delegation.confirmed": lazy_gettext("bekräftade en delegation."),
    "delegation.end_refused": lazy_gettext(
        "försökte avsluta en delegation, men det gick inte: %(reason)s."
    ),
    "delegation.ended": lazy_gettext("avslutade en delegation."),
    "delegation.granted": lazy_gettext("gav en delegation."),
    "delegation.list_refused": lazy_gettext(
        "försökte se eller ändra delegationer utan att ha den uppgiften."
    ),
    "delegation.listed": lazy_gettext("såg organisationens delegationer."),
    "delegation.not_found": lazy_gettext("sökte en delegation som inte finns för hen."),
    "delegation.register_refused": lazy_gettext(
        "försökte registrera en delegation, men det gick inte: %(reason)s."
    ),
    "delegation.registered": lazy_gettext("registrerade en delegation."),
    "decision.replay_not_found": lazy_gettext("sökte ett beslut som inte finns för att pröva om."),
    "decision.replayed": lazy_gettext(
        "lät pröva om ett beslut ur de förseglade uppgifterna, med dåtidens regler."
    ),
    "receipt.given": lazy_gettext("lämnade ut beviset för att en loggpost finns i loggen."),
    "receipt.not_found": lazy_gettext("sökte en loggpost som inte finns för att ge bevis om den."),
    "decision.list_refused": lazy_gettext(
        "försökte ta fram listan över beslut utan att ha den uppgiften."
    ),
    "decision.listed": lazy_gettext("tog fram listan över beslut med delegation."),
    "delivery.file_not_found": lazy_gettext(
        "försökte lägga något inkommet i ett ärende, men ärendet eller det inkomna finns inte "
        "för hen."
    ),
    "delivery.file_refused": lazy_gettext(
        "försökte lägga något inkommet i ärendet, men det gick inte."
    ),
    "delivery.file_repeated": lazy_gettext(
        "försökte lägga något i ärendet som redan ligger i ett ärende."
    ),
    "delivery.filed": lazy_gettext(
        "lade det som kommit in från %(sender)s i ärendet som %(note)s."
    ),
    "delivery.list_refused": lazy_gettext("försökte se Inkommet utan att ha den uppgiften."),
    "delivery.listed": lazy_gettext("såg listan Inkommet."),
    "delivery.not_found": lazy_gettext("sökte något inkommet som inte finns för hen."),
    "delivery.opened": lazy_gettext("öppnade texten i det som kommit in från %(sender)s."),
    "delivery.register_not_found": lazy_gettext(
        "försökte registrera något inkommet som inte finns för hen."
    ),
    "delivery.register_refused": lazy_gettext(
        "försökte registrera det som kommit in från %(sender)s, men numret gick inte att använda."
    ),
    "delivery.register_repeated": lazy_gettext(
        "försökte registrera det som kommit in från %(sender)s en gång till."
    ),
    "delivery.registered": lazy_gettext("registrerade det som kommit in från %(sender)s."),
    "delivery.stop_not_found": lazy_gettext(
        "försökte stoppa ett utlämnande som inte finns för hen."
    ),
    "delivery.stop_repeated": lazy_gettext(
        "ville stoppa utlämnandet av %(note)s till %(recipient)s en gång till."
    ),
    "delivery.stop_too_late": lazy_gettext(
        "försökte stoppa utlämnandet av %(note)s till %(recipient)s, men det var för sent."
    ),
    "delivery.stopped": lazy_gettext("stoppade utlämnandet av %(note)s till %(recipient)s."),
    "delivery.viewed": lazy_gettext(
        "såg vad som kommit in från %(sender)s, utan att öppna texten."
    ),
    "disclosure.consider_not_found": lazy_gettext(
        "frågade om att lämna ut en anteckning, men anteckningen eller mottagaren finns inte "
        "för hen."
    ),
    "disclosure.considered": lazy_gettext(
        "frågade vad lagen svarar om att lämna ut %(note)s till %(recipient)s."
    ),
    "export.begun_again": lazy_gettext(
        "började om en export av loggen, därför att uppgifter hade gallrats under tiden."
    ),
    "export.decision_refused": lazy_gettext(
        "försökte avgöra en export, men hade själv beställt den eller någon hade redan avgjort den."
    ),
    "export.fetch_refused": lazy_gettext("ville hämta en export av loggen som inte var färdig."),
    "export.fetched": lazy_gettext("hämtade en export av loggen."),
    "export.finished": lazy_gettext("skrev färdigt en export av loggen."),
    "export.list_refused": lazy_gettext("försökte se exporterna utan att ha den uppgiften."),
    "export.listed": lazy_gettext("såg listan över exporter."),
    "export.not_found": lazy_gettext("sökte en export som inte finns för hen."),
    "export.order_not_found": lazy_gettext("försökte beställa en export som inte finns för hen."),
    "export.order_refused": lazy_gettext("försökte beställa en export, men det gick inte."),
    "export.order_repeated": lazy_gettext("skickade beställningen av en export en gång till."),
    "export.ordered": lazy_gettext("beställde en export av loggen."),
    "export.refused": lazy_gettext("nekade en export av loggen."),
    "export.released": lazy_gettext("släppte en export av loggen."),
    "export.viewed": lazy_gettext("såg en beställd export."),
    "export.rows_differ": lazy_gettext(
        "skrev inte en export av loggen, därför att uppgifter i databasen inte stämmer med loggen."
    ),
    "export.withdrawn": lazy_gettext(
        "drog tillbaka en export av loggen, därför att ärendet gallrades."
    ),
    "export.written": lazy_gettext("skrev tabeller och rapport till en export av loggen."),
    "note.case_not_found": lazy_gettext(
        "försökte skriva en anteckning i ett ärende som inte finns för hen."
    ),
    "note.correct_not_found": lazy_gettext("försökte rätta en anteckning som inte finns för hen."),
    "note.corrected": lazy_gettext("rättade %(note)s till version %(version)s."),
    "note.disclosed": lazy_gettext("lämnade ut %(note)s, version %(version)s, till %(recipient)s."),
    "note.disclosure_not_found": lazy_gettext(
        "försökte lämna ut en anteckning, men anteckningen eller mottagaren finns inte för hen."
    ),
    "note.disclosure_refused": lazy_gettext(
        "ville lämna ut %(note)s till %(recipient)s, men det nekades: %(reason)s."
    ),
    "note.disclosure_repeated": lazy_gettext(
        "skickade beslutet om %(note)s en gång till. Ingenting mer lämnades ut."
    ),
    "note.not_found": lazy_gettext("sökte en anteckning som inte finns för hen."),
    "note.read": lazy_gettext("öppnade %(note)s."),
    "note.title_viewed": lazy_gettext("såg rubriken på %(note)s, utan texten."),
    "note.versions_read": lazy_gettext("öppnade alla versioner av %(note)s."),
    "note.write_refused": lazy_gettext("försökte spara en anteckning, men det gick inte."),
    "note.write_repeated": lazy_gettext("skickade samma anteckning en gång till."),
    "note.written": lazy_gettext("skrev %(note)s."),
    "organisation.add_refused": lazy_gettext(
        "försökte lägga in en organisation, men det gick inte."
    ),
    "organisation.added": lazy_gettext("lade in en organisation."),
    "person.add_repeated": lazy_gettext("skickade formuläret för en ny person en gång till."),
    "pack.activate_refused": lazy_gettext(
        "försökte ta nya regler i bruk, men det gick inte: %(reason)s."
    ),
    "pack.activated": lazy_gettext("tog nya regler i bruk."),
    "pack.compared": lazy_gettext("jämförde föreslagna regler med dem som är i bruk."),
    "pack.decisions_tried": lazy_gettext("prövade om beslut med föreslagna regler."),
    "pack.examine_refused": lazy_gettext(
        "försökte granska föreslagna regler, men det gick inte: %(reason)s."
    ),
    "pack.examined": lazy_gettext("granskade föreslagna regler färdigt."),
    "pack.first_activated": lazy_gettext("tog de första reglerna i bruk."),
    "pack.kept": lazy_gettext("sparade ett regelpaket."),
    "pack.listed": lazy_gettext("såg regelpaketen."),
    "pack.not_allowed": lazy_gettext(
        "försökte se eller föreslå regelpaket utan att ha den uppgiften."
    ),
    "pack.not_found": lazy_gettext("sökte föreslagna regler som inte finns för hen."),
    "pack.propose_refused": lazy_gettext(
        "försökte föreslå nya regler, men det gick inte: %(reason)s."
    ),
    "pack.proposed": lazy_gettext("föreslog nya regler."),
    "pack.restored": lazy_gettext("lade tillbaka ett sparat regelpaket."),
    "pack.step_repeated": lazy_gettext("granskade föreslagna regler samtidigt som någon annan."),
    "pack.viewed": lazy_gettext("såg föreslagna regler."),
    "pack.withdraw_refused": lazy_gettext(
        "försökte ta tillbaka ett förslag om nya regler, men det gick inte: %(reason)s."
    ),
    "pack.withdrawn": lazy_gettext("tog tillbaka ett förslag om nya regler."),
    "password.change_refused": lazy_gettext("försökte byta sitt lösenord, men det gick inte."),
    "password.changed": lazy_gettext("bytte sitt lösenord."),
    "password.set": lazy_gettext("gav någon ett nytt lösenord."),
    "password.set_refused": lazy_gettext("försökte ge någon ett nytt lösenord, men det gick inte."),
    "person.added": lazy_gettext("lade till en person i ärendet: %(relation)s."),
    "person.case_not_found": lazy_gettext(
        "försökte lägga till en person i ett ärende som inte finns för hen."
    ),
    "person.correct_refused": lazy_gettext(
        "försökte rätta en persons uppgifter så att ett skydd försvann, vilket kräver två personer."
    ),
    "person.corrected": lazy_gettext("rättade en persons uppgifter."),
    "person.not_found": lazy_gettext("försökte rätta en person som inte finns för hen."),
    "person.protection_ask_refused": lazy_gettext(
        "försökte fråga om en persons skydd, som inte finns eller redan är ifrågasatt."
    ),
    "person.protection_kept": lazy_gettext("svarade nej till att ta bort en persons skydd."),
    "person.protection_lowered": lazy_gettext("tog som andra person bort en persons skydd."),
    "person.protection_lowering_asked": lazy_gettext("frågade om en persons skydd ska tas bort."),
    "person.protection_own_question": lazy_gettext(
        "försökte svara på sin egen fråga om en persons skydd."
    ),
    "person.protection_settled_late": lazy_gettext(
        "försökte avgöra en fråga om en persons skydd som redan var avgjord."
    ),
    "person.protection_viewed": lazy_gettext("såg sidan om en persons skydd."),
    "person.protection_withdrawn": lazy_gettext(
        "tog tillbaka sin fråga om att ta bort en persons skydd."
    ),
    "processing.refused": lazy_gettext(
        "försökte se registerförteckningen utan att ha den uppgiften."
    ),
    "processing.viewed": lazy_gettext("såg registerförteckningen."),
    "register.exported": lazy_gettext("hämtade utlämnanderegistret som tabell."),
    "register.refused": lazy_gettext("försökte se utlämnanderegistret utan att ha den uppgiften."),
    "register.viewed": lazy_gettext("såg utlämnanderegistret."),
    "request.failed": lazy_gettext("råkade ut för ett fel i Sluss. Ingenting genomfördes."),
    "role.add_refused": lazy_gettext("försökte ge en roll, men det gick inte."),
    "role.end_refused": lazy_gettext("försökte ta ifrån någon en roll, men det gick inte."),
    "role.ended": lazy_gettext("tog ifrån någon en roll."),
    "role.granted": lazy_gettext("gav en roll."),
    "session.organisation_chosen": lazy_gettext("valde organisation att arbeta för."),
    "session.organisation_refused": lazy_gettext(
        "försökte arbeta för en organisation där hen inte har någon roll."
    ),
    "session.sign_in_refused": lazy_gettext("fick inte logga in."),
    "session.signed_in": lazy_gettext("loggade in."),
    "session.signed_out": lazy_gettext("loggade ut."),
    "staff.add_refused": lazy_gettext("försökte lägga in en medarbetare, men det gick inte."),
    "staff.added": lazy_gettext("lade in en medarbetare."),
    "staff.listed": lazy_gettext("såg listan över konton."),
    "trail.export_not_found": lazy_gettext(
        "försökte ta ut loggen för ett ärende som inte finns för hen."
    ),
    "trail.exported": lazy_gettext("tog ut loggen för ärendet."),
    "trail.list_refused": lazy_gettext("försökte göra loggkontroll utan att ha den uppgiften."),
    "trail.listed": lazy_gettext("såg listan över ärenden för loggkontroll."),
    "trail.not_found": lazy_gettext(
        "försökte göra loggkontroll i ett ärende som inte finns för hen."
    ),
    "trail.reviewed": lazy_gettext("gjorde loggkontroll: såg hela loggen för ärendet."),
    "trail.search_refused": lazy_gettext("försökte söka i loggen utan att ha den uppgiften."),
    "trail.searched": lazy_gettext(
        "sökte i organisationens logg%(by)s och såg %(entries)s poster."
    ),
}

REASONS: dict[str, LazyString] = {
    **{str(unlike): words for unlike, words in UNLIKE.items()},
    "already_member": lazy_gettext("kollegan var redan med"),
    "oneself": lazy_gettext("ingen släpper in sig själv"),
    "not_member": lazy_gettext("kollegan var inte med"),
    "last_member": lazy_gettext("då vore ingen kvar i ärendet"),
    "law": lazy_gettext("lagen tillåter det inte som det är nu"),
    "no_delegation": lazy_gettext("den som beslutade har ingen delegation"),
    "already_sent": lazy_gettext("samma version var redan utlämnad dit"),
    "used_form": lazy_gettext("formuläret hade redan lämnat ut något annat"),
    "newer_version": lazy_gettext("anteckningen hade rättats under tiden"),
    "pack_not_in_use": lazy_gettext("reglerna som prövade det är inte de som är i bruk"),
    "faulty": lazy_gettext("paketet hade fel"),
    "in_use": lazy_gettext("de var redan i bruk"),
    "same_version": lazy_gettext("versionen var redan använd"),
    "already_proposed": lazy_gettext("de var redan föreslagna"),
    "no_pack": lazy_gettext("inga regler var i bruk att jämföra med"),
    "own_proposal": lazy_gettext("hen hade själv föreslagit dem"),
    "not_examined": lazy_gettext("granskningen var inte klar"),
    "unexplained": lazy_gettext("de släppte ut mer utan ett granskat skäl"),
    "stale": lazy_gettext("andra regler hade tagits i bruk sedan de jämfördes"),
    "pack_damaged": lazy_gettext("det sparade paketet var inte det som föreslogs"),
    "own_delegation": lazy_gettext("den gav hen själv rätt att besluta"),
    "own_registration": lazy_gettext("hen hade själv registrerat den"),
    "not_theirs_to_hold": lazy_gettext("ingen av rollerna kan ha beslutet"),
    "settled": lazy_gettext("det var redan avgjort"),
    "second_opinion_differs": lazy_gettext("de två regelmotorerna svarade olika"),
    "second_opinion_missing": lazy_gettext("den andra regelmotorn kunde inte svara"),
    "approval_lapsed": lazy_gettext("godkännandet gällde andra uppgifter än de som angavs"),
    "not_ready": lazy_gettext("mer än ett godkännande saknades"),
    "already": lazy_gettext("frågan väntade redan på svar"),
    "repeated": lazy_gettext("samma formulär en gång till"),
    "own_question": lazy_gettext("frågan var hens egen"),
    "own_assessment": lazy_gettext("hen hade själv gjort en av bedömningarna"),
    "answered": lazy_gettext("frågan var redan besvarad"),
    "withdrawn": lazy_gettext("frågan var tillbakatagen"),
    "superseded": lazy_gettext("anteckningen hade rättats sedan frågan ställdes"),
}

SEARCH_FIELDS: dict[str, LazyString] = {
    "person": lazy_gettext("person"),
    "case": lazy_gettext("ärende"),
    "staff": lazy_gettext("medarbetare"),
    "act": lazy_gettext("slags handling"),
    "time": lazy_gettext("tid"),
}

ACTS: dict[str, LazyString] = {
    "acts": lazy_gettext("Utan listor och visningar"),
    "read": lazy_gettext("Läsningar"),
    "changed": lazy_gettext("Ändringar"),
    "disclosed": lazy_gettext("Utlämnanden"),
    "emergency": lazy_gettext("Nödöppningar"),
    "refused": lazy_gettext("Det som nekades"),
    "reviewed": lazy_gettext("Loggkontroller"),
    "signed_in": lazy_gettext("Inloggningar"),
}
"""Kinds of acts to look for, by their codes in `trail_search`."""

OUTCOMES: dict[str, LazyString] = {
    "must": lazy_gettext("ska lämnas ut"),
    "may": lazy_gettext("kan lämnas ut"),
    "needs": lazy_gettext("något saknas ännu"),
    "none": lazy_gettext("ingen sekretessbrytande bestämmelse"),
    "stop": lazy_gettext("får inte lämnas ut"),
}

RESULTS: dict[str, LazyString] = {
    "allow": lazy_gettext("genomfört"),
    "deny": lazy_gettext("nekat"),
    "error": lazy_gettext("fel"),
    "override": lazy_gettext("nödöppning"),
}

CHECKS: dict[str, LazyString] = {
    "not-sealed-yet": lazy_gettext("ännu inte förseglad"),
    "checkpoint-false": lazy_gettext("kontrollpunkten stämmer inte"),
    "leaf-malformed": lazy_gettext("posten i loggen är skadad"),
    "not-in-log": lazy_gettext("finns inte i den förseglade loggen"),
    "actor-missing": lazy_gettext("vem det var kan inte öppnas"),
    "object-missing": lazy_gettext("vad det gällde kan inte öppnas"),
    "detail-missing": lazy_gettext("uppgifterna om hur kan inte öppnas"),
    "actor-changed": lazy_gettext("vem det var har ändrats i efterhand"),
    "object-changed": lazy_gettext("vad det gällde har ändrats i efterhand"),
    "detail-changed": lazy_gettext("uppgifterna om hur har ändrats i efterhand"),
    "index-differs": lazy_gettext(
        "förteckningen över posterna har ändrats i efterhand; här står vad posten säger"
    ),
    "index-lacks": lazy_gettext(
        "posten har tagits bort ur förteckningen över posterna; här står vad posten säger"
    ),
    "entry-broken": lazy_gettext("posten, eller en del av den, har ändrats eller tagits bort"),
}
"""Why a row is not verified."""

WAITING = frozenset({"not-sealed-yet"})
"""Not verified, and nothing wrong with it: the signer has not come to it."""
