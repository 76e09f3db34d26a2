"""A sentence shown once, on the page after something was done.

Only its code travels, in a cookie, so that neither an address nor a cookie can hold a text.
"""

from __future__ import annotations

from flask import redirect
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from app.web import cookies

NOTICES = {
    "approval_asked": lazy_gettext(
        "Frågan om godkännande är ställd. Dina bedömningar är sparade, och inget är utlämnat."
    ),
    "approval_given": lazy_gettext("Du har godkänt utlämnandet. Den som frågade beslutar nu."),
    "approval_refused": lazy_gettext("Du har sagt nej. Det lämnas inte ut med den grunden."),
    "approval_withdrawn": lazy_gettext("Frågan om godkännande är tillbakatagen."),
    "case_closed": lazy_gettext(
        "Ärendet är avslutat. Ärendegruppen kan läsa det, men inget nytt skrivs i det."
    ),
    "case_reopened": lazy_gettext("Ärendet är öppet igen."),
    "case_started": lazy_gettext(
        "Ärendet är öppnat. Du är ensam i ärendegruppen tills du lägger till någon."
    ),
    "case_started_marked": lazy_gettext(
        "Ärendet är öppnat, och den unge har skyddade personuppgifter: samma personnummer är märkt "
        "så hos er sedan tidigare. Du är ensam i ärendegruppen tills du lägger till någon."
    ),
    "consent_recorded": lazy_gettext("Svaret om samtycke är antecknat."),
    "consent_withdrawn": lazy_gettext("Samtycket är återkallat."),
    "delegation_confirmed": lazy_gettext("Delegationen är bekräftad och gäller."),
    "delegation_ended": lazy_gettext("Delegationen är avslutad. Inget mer beslutas med den."),
    "delegation_registered": lazy_gettext(
        "Delegationen är registrerad. Den gäller när någon annan har bekräftat den."
    ),
    "delivery_filed": lazy_gettext("Det som kom in ligger nu som en anteckning i ärendet."),
    "delivery_registered": lazy_gettext(
        "Registrerat. Avsändaren ser att ni har tagit emot det, men inte vem hos er."
    ),
    "disclosed": lazy_gettext(
        "Utlämnandet är beslutat och på väg. Du kan stoppa det tills det har kommit fram."
    ),
    "disclosed_at_once": lazy_gettext(
        "Anteckningen är utlämnad och har kommit fram. Den kan inte tas tillbaka."
    ),
    "disclosure_stopped": lazy_gettext("Utlämnandet är stoppat. Ingenting kom fram."),
    "export_decided_already": lazy_gettext("Någon har redan avgjort exporten."),
    "export_fault": lazy_gettext(
        "Exporten kunde inte skrivas nu. Be den som driver Sluss att köra sluss export, som säger "
        "varför."
    ),
    "export_not_ready": lazy_gettext("Exporten kan inte hämtas nu. Sidan säger varför."),
    "export_ordered": lazy_gettext("Exporten är beställd. Någon annan än du släpper den."),
    "export_ordered_by_name": lazy_gettext(
        "Exporten är beställd, för det ärende du valde. Personen har varken personnummer eller "
        "födelsedag där, så andra ärenden om samma person kan inte hittas. Beställ dem var för sig."
    ),
    "export_own_order": lazy_gettext(
        "Den som har beställt en export kan inte själv avgöra om den släpps."
    ),
    "export_ready": lazy_gettext("Exporten är klar att hämta."),
    "export_refused": lazy_gettext("Exporten är nekad. Ingenting har skrivits."),
    "export_released": lazy_gettext("Exporten är släppt och kan skrivas."),
    "export_rows_differ": lazy_gettext(
        "Exporten skrivs inte: uppgifter i databasen säger något annat än loggen. Vilken post det "
        "gäller står i loggen. Kontakta den som svarar för säkerheten hos er, och ändra ingenting."
    ),
    "export_waits": lazy_gettext("Exporten väntar på att loggen signeras. Försök igen strax."),
    "emergency_confirmed": lazy_gettext("Du har bekräftat nödöppningen. Kollegan kan läsa nu."),
    "emergency_opened": lazy_gettext(
        "Ärendet är nödöppnat för läsning i fyra timmar. Arbetsledaren har fått veta det."
    ),
    "emergency_reviewed": lazy_gettext("Loggkontrollen av nödöppningen är sparad."),
    "emergency_waits": lazy_gettext(
        "Någon i ärendet har eller kan ha skyddade personuppgifter. Be en kollega att bekräfta "
        "här, på sidan Nödöppning."
    ),
    "extract_fault": lazy_gettext(
        "Utdraget kunde inte göras till PDF. Be den som driver Sluss att se vad som saknas."
    ),
    "letter_released": lazy_gettext("Brevet är släppt. Skriv ut det och skicka det."),
    "letter_withheld": lazy_gettext("Beslutet att inte skicka brevet är sparat."),
    "note_corrected": lazy_gettext("Anteckningen är rättad. Den tidigare versionen finns kvar."),
    "note_written": lazy_gettext("Anteckningen är sparad. Den har inte lämnats ut till någon."),
    "pack_activated": lazy_gettext("Reglerna är tagna i bruk och gäller från och med nu."),
    "pack_proposed": lazy_gettext("Paketet är föreslaget. Nu kan det granskas."),
    "pack_withdrawn": lazy_gettext("Förslaget är tillbakataget."),
    "password_changed": lazy_gettext(
        "Lösenordet är bytt. Alla andra webbläsare där du var inloggad är utloggade."
    ),
    "person_added_marked": lazy_gettext(
        "Personen finns nu i ärendet, och har skyddade personuppgifter: samma personnummer är "
        "märkt så hos er sedan tidigare."
    ),
    "person_added": lazy_gettext("Personen finns nu i ärendet."),
    "person_corrected": lazy_gettext(
        "Personuppgifterna är rättade. Det som redan är utlämnat är som det var."
    ),
    "protection_asked": lazy_gettext(
        "Frågan är ställd. Be någon annan i ärendegruppen att bekräfta här. Skyddet står kvar "
        "till dess."
    ),
    "protection_kept": lazy_gettext("Skyddet står kvar."),
    "protection_lowered": lazy_gettext(
        "Skyddet är borttaget. Det som redan är utlämnat är som det var."
    ),
    "protection_withdrawn": lazy_gettext("Frågan är tillbakatagen. Skyddet står kvar."),
    "training_certified": lazy_gettext(
        "Intyget är klart. Skriv ut sidan om du behöver det på papper."
    ),
    "relation_declared": lazy_gettext(
        "Din anmälan om jäv är sparad. Berätta också för din chef, så att någon annan kan ta över."
    ),
    "relation_withdrawn": lazy_gettext("Anmälan gäller inte längre. Att den har gällt finns kvar."),
    "round_answered": lazy_gettext("Bedömningen är sparad."),
    "round_asked": lazy_gettext("Frågan är ställd. Medarbetaren ser den när hen loggar in."),
    "round_drawn": lazy_gettext("Rundan är dragen. Det som drogs kan inte dras om."),
    "round_drawn_already": lazy_gettext("Månadens runda är redan dragen."),
    "round_replied": lazy_gettext("Ditt svar är sparat. Den som frågade ser det i rundan."),
    "round_signed": lazy_gettext("Rundan är underskriven."),
    "round_unanswered": lazy_gettext(
        "Rundan kan inte skrivas under än. Svara först på allt som du kan svara på."
    ),
    "team_left": lazy_gettext("Du är inte längre med i ärendegruppen."),
    "team_let_in": lazy_gettext("Kollegan arbetar nu i ärendet och kan läsa det."),
    "team_taken_out": lazy_gettext(
        "Kollegan är borta ur ärendegruppen och kan inte öppna ärendet längre."
    ),
    "signal_answered": lazy_gettext("Svaret på signalen är sparat."),
    "signed_out": lazy_gettext("Du har loggat ut."),
}
_SECONDS = 60


def after(url: str, notice: str) -> Response:
    """See-other to `url`, where the notice is shown once."""
    if notice not in NOTICES:
        raise KeyError(f"no notice is called {notice!r}; add its sentence to NOTICES")
    response = redirect(url, 303)
    cookies.write(response, cookies.NOTICE, notice, seconds=_SECONDS)
    return response


def waiting() -> str | None:
    """The sentence that the current request is to show."""
    code = cookies.read(cookies.NOTICE)
    return str(NOTICES[code]) if code in NOTICES else None
