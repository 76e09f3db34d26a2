def test_pages(town, sign_in):
    case = town.case()
    note = town.note(case)
    town.disclose(town.order(case, note, "polis"))
    c = town.consent(case, "skola")
    person = town.persons(case)[0]
    karin = sign_in("karin")
    for p in [
        "/",
        "/arenden/nytt",
        f"/arenden/{case}",
        f"/arenden/{case}/person",
        f"/arenden/{case}/person/{person}",
        f"/arenden/{case}/anteckning",
        f"/anteckningar/{note}/ratta",
        f"/anteckningar/{note}/versioner",
        "/samtycken",
        f"/arenden/{case}/samtycke",
        f"/arenden/{case}/samtycke/{c}/aterkalla",
    ]:
        karin.see(p)
    for p, f in [
        (f"/arenden/{case}/las", {"note": note}),
        (f"/anteckningar/{note}/ratta", {"open": "1"}),
        (f"/anteckningar/{note}/versioner", {}),
    ]:
        a = karin.post(p, **f)
        assert a.status_code == 200, p
