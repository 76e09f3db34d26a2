"""What is wrong with something typed, as a sentence that says what to do."""

from __future__ import annotations

from flask_babel import LazyString, gettext, lazy_gettext

from app.domain.problem import Problem

SENTENCES: dict[str, LazyString] = {
    "age_form": lazy_gettext("Skriv åldern i hela år, till exempel 16."),
    "already_in_team": lazy_gettext(
        "Du är redan med i ärendegruppen. Öppna ärendet på vanligt sätt."
    ),
    "already_member": lazy_gettext("Kollegan är redan med i ärendegruppen."),
    "oneself": lazy_gettext(
        "Ingen lägger till sig själv. Be någon i ärendegruppen, eller en annan arbetsledare."
    ),
    "not_member": lazy_gettext("Kollegan är inte med i ärendegruppen längre."),
    "last_member": lazy_gettext(
        "Någon måste arbeta i ärendet. Lägg först till den som ska ta över."
    ),
    "colleague_missing": lazy_gettext("Välj en kollega i listan."),
    "already_registered": lazy_gettext("Den är redan registrerad, under ett annat nummer."),
    "answer_missing": lazy_gettext("Välj ja eller nej, eller ta bort det du skrev om frågan."),
    "born_differs_from_number": lazy_gettext(
        "Födelsedatumet stämmer inte med personnumret. Rätta det som är fel."
    ),
    "born_too_long_ago": lazy_gettext(
        "Födelsedatumet ligger mer än %(most)s år tillbaka. Kontrollera årtalet."
    ),
    "cases_left": lazy_gettext("Alla fall är inte besvarade. Svara på dem som återstår i listan."),
    "category_missing": lazy_gettext("Välj vilket slags uppgift anteckningen innehåller."),
    "category_unknown": lazy_gettext("Välj ett slags uppgift ur listan."),
    "choose_one": lazy_gettext("Välj ett av alternativen."),
    "not_chosen": lazy_gettext("Välj ett av alternativen."),
    "choose_guess": lazy_gettext("Välj det svar som du tror gäller."),
    "sought_missing": lazy_gettext("Skriv hela namnet, eller hela personnumret."),
    "sought_long": lazy_gettext("Skriv hela namnet, högst %(most)s tecken."),
    "circumstances_missing": lazy_gettext(
        "Skriv de konkreta omständigheterna: vad, när och vem som har sett det."
    ),
    "age_key_form": lazy_gettext(
        "Skriv mottagarens publika nyckel för age, som börjar med age1, eller lämna fältet tomt."
    ),
    "note_differs": lazy_gettext(
        "Loggen anger en senare version av anteckningen än den som finns i databasen. Därför kan "
        "den inte rättas förrän det är utrett. Säg till den som driver Sluss hos er."
    ),
    "corrected_meanwhile": lazy_gettext(
        "Någon har rättat anteckningen sedan du öppnade den. Läs den nya versionen först; "
        "det du skrev står kvar här."
    ),
    "date_form": lazy_gettext("Skriv datumet som ÅÅÅÅ-MM-DD, till exempel 2026-11-23."),
    "date_outside": lazy_gettext(
        "Reglerna kan frågas om dagar från och med 2009-06-30, då offentlighets- och "
        "sekretesslagen började gälla, till och med år 2100."
    ),
    "date_impossible": lazy_gettext(
        "Skriv ett datum som har varit, som ÅÅÅÅ-MM-DD, eller lämna fältet tomt."
    ),
    "described_missing": lazy_gettext("Markera minst en person som anteckningen handlar om."),
    "case_closed": lazy_gettext(
        "Ärendet är avslutat, så inget nytt kan läggas i det. Öppna det igen om arbetet fortsätter."
    ),
    "described_unknown": lazy_gettext("Markera bara personer som finns i ärendet."),
    "export_purpose_missing": lazy_gettext("Skriv vad exporten ska användas till."),
    "export_recipient_missing": lazy_gettext("Skriv vem som ska få exporten."),
    "emergency_no_case": lazy_gettext(
        "Det finns inget ärende hos er med det numret. Kontrollera siffrorna."
    ),
    "initiative_missing": lazy_gettext(
        "Välj om uppgiften lämnas på eget initiativ eller på begäran."
    ),
    "leap_age": lazy_gettext(
        "Ingen som är född den 29 februari är så gammal den dagen. Ändra åldern eller dagen."
    ),
    "item_form": lazy_gettext(
        "Skriv punkten som den står i er delegationsordning, till exempel 4.2."
    ),
    "match_missing": lazy_gettext("Välj vem i ärendet det är, eller att personen är ny där."),
    "case_missing": lazy_gettext("Välj ett av dina ärenden."),
    "ordinary_not_said": lazy_gettext(
        "Markera att inget ovanligt gäller, eller svara ja på det som gäller under 1."
    ),
    "text_not_checked": lazy_gettext(
        "Läs texten, ta bort det som inte behövs och markera att du har gjort det."
    ),
    "extract_of_nobody": lazy_gettext("Markera vem utdraget gäller."),
    "not_identified": lazy_gettext("Kontrollera vem som frågar, och markera att du har gjort det."),
    "letter_too_early": lazy_gettext("Brevet kan släppas först när utlämnandet har kommit fram."),
    "name_missing": lazy_gettext("Skriv namnet."),
    "not_yet": lazy_gettext("Välj en dag som redan har börjat."),
    "name_too_short": lazy_gettext("Skriv minst två bokstäver av namnet, eller hela personnumret."),
    "not_held": lazy_gettext(
        "Den som du har valt har inte sådana uppgifter. Välj ett slags uppgift ur listan."
    ),
    "note_missing": lazy_gettext("Markera minst en anteckning att öppna."),
    "number_impossible": lazy_gettext(
        "Personnumret finns inte. Kontrollera siffrorna, eller lämna fältet tomt."
    ),
    "organisation_missing": lazy_gettext("Välj vilken organisation du arbetar för nu."),
    "old_password_wrong": lazy_gettext("Det nuvarande lösenordet stämmer inte."),
    "password_differs": lazy_gettext("Skriv det nya lösenordet likadant båda gångerna."),
    "password_holds_username": lazy_gettext("Lösenordet får inte innehålla användarnamnet."),
    "password_same": lazy_gettext("Välj ett annat lösenord än det du har."),
    "password_too_short": lazy_gettext("Skriv minst %(least)s tecken."),
    "password_too_simple": lazy_gettext(
        "Lösenordet är för lätt att gissa. Ta flera ord som inte hör ihop."
    ),
    "password_missing": lazy_gettext("Skriv ditt lösenord."),
    "protected_identity_by_two": lazy_gettext(
        "Vem en person med skydd är ändras inte av en ensam. Ta bort skyddet med två personer, "
        "med svaret Det är inte känt, rätta uppgiften och sätt skyddet igen."
    ),
    "identity_of_protected": lazy_gettext(
        "En person i ärendet som har skydd har samma uppgifter. Välj den personen, eller svara Ja "
        "på frågan om skydd."
    ),
    "maybe_protected": lazy_gettext(
        "En person hos er med samma namn har skyddade personuppgifter. Är det samma person, svara "
        "Ja på frågan om skydd. Är det någon annan, kryssa för det."
    ),
    "protection_by_two": lazy_gettext(
        "Ett skydd tas bort av två personer, på sidan Ta bort skyddet. Låt det stå som Ja här."
    ),
    "reason_too_short": lazy_gettext(
        "Skriv med egna ord så att någon annan kan bedöma det: minst %(words)s olika ord och "
        "minst %(least)s bokstäver eller siffror."
    ),
    "relation_to_nobody": lazy_gettext("Skriv personens namn eller nummer, eller ärendets nummer."),
    "reasons_missing": lazy_gettext("Skriv skälen för din bedömning."),
    "reference_form": lazy_gettext(
        "Skriv ärendets nummer i er diarieföring, till exempel SN 2026/0417. Inga namn."
    ),
    "reference_missing": lazy_gettext("Skriv ärendets nummer i er diarieföring."),
    "reference_taken": lazy_gettext(
        "Numret är upptaget i organisationens diarieföring. Kontrollera numret."
    ),
    "register_first": lazy_gettext(
        "Registrera det som har kommit in innan du lägger det i ett ärende."
    ),
    "terms_not_read": lazy_gettext("Läs vad som gäller och markera att du har gjort det."),
    "text_not_chosen": lazy_gettext("Markera minst en av anteckningarna."),
    "text_missing": lazy_gettext("Skriv anteckningens text."),
    "title_missing": lazy_gettext("Skriv en rubrik."),
    "too_far": lazy_gettext("Ett samtycke kan gälla högst %(days)s dagar. Välj en tidigare dag."),
    "too_long": lazy_gettext("Texten är för lång. Den får ha högst %(most)s tecken."),
    "too_long_by": lazy_gettext(
        "Texten är för lång. Den har %(characters)s tecken och får ha högst %(most)s."
    ),
    "unknown_code": lazy_gettext("Välj ett av alternativen. Länken kan ha blivit fel."),
    "until_before_from": lazy_gettext("Sista dagen kan inte vara före första dagen."),
    "until_in_the_past": lazy_gettext("Välj en sista dag som inte redan har varit."),
    "user_name_missing": lazy_gettext("Skriv ditt användarnamn."),
}

FIELD_SENTENCES: dict[tuple[str, str], LazyString] = {
    ("request_reference", "reference_form"): lazy_gettext(
        "Skriv numret som det står i mottagarens diarium, till exempel SN 2026/0417 eller "
        "5000-K1234-26. Inga namn."
    ),
    ("addressee", "choose_one"): lazy_gettext("Välj vem brevet ska gå till."),
    ("lowered_to", "choose_one"): lazy_gettext("Välj vad som ska stå i stället."),
    ("outcome", "choose_one"): lazy_gettext("Välj om brevet ska släppas eller inte."),
    ("bond", "choose_one"): lazy_gettext("Välj vad jävet består i."),
    ("case_id", "choose_one"): lazy_gettext("Välj ett av era ärenden."),
    ("decision", "choose_one"): lazy_gettext("Välj om du släpper eller nekar."),
    ("kind", "choose_one"): lazy_gettext("Välj vad som ska exporteras."),
    ("language", "choose_one"): lazy_gettext("Välj vilket språk det ska skrivas på."),
    ("reason", "reasons_missing"): lazy_gettext("Skriv varför du nekar."),
    ("reasons_shown", "choose_one"): lazy_gettext("Välj om mottagaren får se skälen."),
    ("staff_named", "choose_one"): lazy_gettext("Välj om mottagaren får se medarbetarnas namn."),
    ("from", "not_chosen"): lazy_gettext("Välj vem som har uppgiften."),
    ("to", "not_chosen"): lazy_gettext("Välj vem som skulle få den."),
    ("category", "not_chosen"): lazy_gettext("Välj vilket slags uppgift det är."),
    ("answer", "choose_one"): lazy_gettext("Välj om svaret blev ja eller nej."),
    ("category", "choose_one"): lazy_gettext("Välj vilket slags uppgift det gäller."),
    ("delegated", "choose_one"): lazy_gettext("Välj vilket beslut det gäller."),
    ("to", "choose_one"): lazy_gettext("Välj vem eller vilken roll som får besluta."),
    ("form", "choose_one"): lazy_gettext("Välj om svaret var skriftligt eller muntligt."),
    ("giver", "choose_one"): lazy_gettext("Välj vem som har svarat."),
    ("protected", "choose_one"): lazy_gettext(
        "Välj om personen har skyddade personuppgifter. Välj Vet inte om du är osäker."
    ),
    ("purpose", "choose_one"): lazy_gettext("Välj ändamålet."),
    ("recipient_id", "choose_one"): lazy_gettext("Välj mottagande organisation."),
    ("relation", "choose_one"): lazy_gettext("Välj vem personen är för den unge."),
    ("subject_id", "choose_one"): lazy_gettext("Välj vem uppgiften gäller."),
    ("valid_until", "date_form"): lazy_gettext(
        "Skriv sista dagen som ÅÅÅÅ-MM-DD, till exempel 2027-01-31."
    ),
}
"""Where a general sentence would not tell one field of the summary from the next."""


def sentence_for(problem: Problem) -> str:
    """The sentence in the reader's language.

    A code without a sentence is a defect that a test catches; a reader still gets told.
    """
    code = problem.code
    if code == "too_long" and "characters" in problem.values:
        code = "too_long_by"
    if code not in SENTENCES:
        return str(gettext("Rätta det här fältet."))
    sentence = FIELD_SENTENCES.get((problem.field, code), SENTENCES[code])
    return f"{sentence}" % problem.values
