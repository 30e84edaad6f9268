"""Shows each fault and the right behaviour over a socket; checks every answer of the right servers against SPEC. Exit status: number of failures."""

import pathlib
import sys
from datetime import datetime, timedelta, timezone

import httpx

sys.path.append(str(pathlib.Path(__file__).parents[1] / "stranger_2"))
from checklib import main, send  # noqa: E402

BAD_JSON = {"content": b"{nope", "headers": {"content-type": "application/json"}}


def today(days=0):
    return (datetime.now(timezone.utc).date() + timedelta(days)).isoformat()


def hives(m):
    A, B = m.HEADERS["ada"], m.HEADERS["bruno"]

    def new(c, who=A, **kw):
        r = send(c, "POST", "/hives", who, json={"name": "Linden", "apiary": "Orchard", **kw})
        assert r.status_code == 201, r.text
        return r.json()

    def at(h, rest=""):
        return f"/hives/{h['id']}{rest}"

    def look(c, h, **kw):
        return send(c, "POST", at(h, "/inspections"), A, json={"date": "2026-05-01", "weight_kg": 30, **kw})

    def names(c, who=A, **q):
        return [x["name"] for x in send(c, "GET", "/hives", who, params=q).json()["items"]]

    def pages_rounded_down(c):
        for _ in range(5):
            new(c)
        r = send(c, "GET", "/hives", A, params={"per_page": 2}).json()
        return r["pages"] == 3 and r["total"] == 5 and len(r["items"]) == 2

    def search_minds_case(c):
        new(c, name="Linden"), new(c, name="Oak")
        return names(c, q="LIND") == ["Linden"] and names(c, q="oaK") == ["Oak"]

    def patch_resets_omitted(c):
        h = new(c, breed="buckfast", frames=12, note="x")
        r = send(c, "PATCH", at(h), A, json={"name": "N"}).json()
        return r == {**h, "name": "N"} == send(c, "GET", at(h), A).json()

    def null_note_kept(c):
        h = new(c, note="x")
        return (
            send(c, "PATCH", at(h), A, json={"note": None}).json()["note"] is None
            and send(c, "GET", at(h), A).json()["note"] is None
        )

    def future_inspection_ok(c):
        h = new(c)
        return look(c, h, date=today(3)).status_code == 422 and look(c, h, date=today()).status_code == 201

    def last_by_entry(c):
        h = new(c)
        look(c, h, date="2026-06-01"), look(c, h, date="2026-04-01")
        return send(c, "GET", at(h, "/summary"), A).json()["last_inspection"] == "2026-06-01"

    def dissolved_inspected(c):
        h = new(c)
        send(c, "POST", at(h, "/dissolve"), A)
        return look(c, h).status_code == 409 and send(c, "GET", at(h, "/inspections"), A).json() == []

    def harvest_whole_kilos(c):
        h = new(c)
        r = send(c, "POST", at(h, "/harvests"), A, json={"date": "2026-07-02", "kg": 12.5}).json()
        return r["kg"] == 12.5 and send(c, "GET", at(h, "/summary"), A).json()["honey_kg"] == 12.5

    def name_60_refused(c):
        return [
            send(c, "POST", "/hives", A, json={"name": "n" * n, "apiary": "a"}).status_code for n in (59, 60, 61)
        ] == [201, 201, 422]

    def list_of_everyone(c):
        new(c), new(c, B, name="Bruno's")
        return names(c) == ["Linden"] and names(c, B) == ["Bruno's"]

    def delete_twice_204(c):
        h = new(c)
        return [send(c, "DELETE", at(h), A).status_code for _ in "12"] == [204, 404]

    def general(c):
        for op, paths in (
            ("GET", ["/hives", "/hives/1", "/hives/1/inspections", "/hives/1/summary"]),
            ("DELETE", ["/hives/1"]),
            ("POST", ["/hives/1/dissolve"]),
        ):
            for p in paths:
                assert (
                    send(c, op, p).status_code == 401
                    and send(c, op, p, {"Authorization": "Bearer x"}).status_code == 401
                )
                if p != "/hives":
                    assert (
                        send(c, op, p, A).status_code == 404 and send(c, op, p.replace("1", "x"), A).status_code == 422
                    )
        h = new(c)
        assert (h["breed"], h["frames"], h["note"], h["state"], h["owner"]) == ("carnica", 10, None, "active", "ada")
        for op, p, good in (
            ("POST", "/hives", {"name": "a", "apiary": "b"}),
            ("PATCH", at(h), {"frames": 3}),
            ("POST", at(h, "/inspections"), {"date": "2026-05-01", "weight_kg": 31.5, "mites": 4, "queen_seen": True}),
            ("POST", at(h, "/harvests"), {"date": "2026-05-01", "kg": 3}),
        ):
            assert send(c, op, p, json=good).status_code == 401
            assert send(c, op, p, A, json=good).status_code in (200, 201)
            if p != "/hives":
                assert send(c, op, p, B, json=good).status_code == 404
            for bad in (
                None,
                [],
                "x",
                7,
                {**good, "extra": 1},
                {**good, "name": 5},
                {**good, "date": "2026-02-30"},
                {**good, "date": 17},
                {**good, "frames": "3"},
                {**good, "frames": True},
                {**good, "frames": 31},
                {**good, "kg": "3"},
                {**good, "weight_kg": 0},
                {**good, "queen_seen": "yes"},
                {**good, "name": "\ud800"},
            ):
                if isinstance(bad, dict) and "\ud800" in bad.values():
                    r = c.request(
                        op,
                        p,
                        headers={**A, "content-type": "application/json"},
                        content=b'{"name": "\\ud800", "apiary": "x", "date": "\\ud800"}',
                    )
                else:
                    r = send(c, op, p, A, json=bad)
                assert r.status_code == 422, (op, p, bad, r.text)
            assert (
                send(c, op, p, A, **BAD_JSON).status_code == 422
                and c.request(
                    op, p, headers={**A, "content-type": "application/json"}, content=b"\xff\xfe\x80"
                ).status_code
                == 422
            )
        for bad in ({"name": None}, {"frames": None}, {"breed": None}, {"breed": "wasp"}, {"name": ""}):
            assert send(c, "PATCH", at(h), A, json=bad).status_code == 422, bad
        assert send(c, "PATCH", at(h), A, json={}).json()["frames"] == 3
        for q in ({"page": 0}, {"per_page": 101}, {"state": "odd"}, {"q": ""}, {"page": "x"}):
            assert send(c, "GET", "/hives", A, params=q).status_code == 422, q
        assert send(c, "GET", "/hives", A, params={"page": 10**30}).json()["items"] == []
        look(c, h, date="2026-05-01"), look(c, h, date="2026-05-03")
        xs = send(c, "GET", at(h, "/inspections"), A).json()
        assert [x["date"][-2:] for x in xs] == ["03", "01", "01"] and xs[1]["id"] > xs[2]["id"]
        assert (
            len(send(c, "GET", at(h, "/inspections"), A, params={"since": "2026-05-03", "until": "2026-05-03"}).json())
            == 1
        )
        assert len(send(c, "GET", at(h, "/inspections"), A, params={"until": "2026-05-01"}).json()) == 2
        assert send(c, "GET", at(h, "/inspections"), A, params={"since": "1.5.2026"}).status_code == 422
        s = send(c, "GET", at(h, "/summary"), A).json()
        assert s == {"inspections": 3, "last_inspection": "2026-05-03", "average_weight_kg": 30.5, "honey_kg": 3}
        assert send(c, "GET", at(new(c), "/summary"), A).json() == {
            "inspections": 0,
            "last_inspection": None,
            "average_weight_kg": None,
            "honey_kg": 0,
        }
        assert [send(c, "POST", at(h, "/dissolve"), w).status_code for w in (B, A, A)] == [404, 200, 409]
        assert send(c, "POST", at(h, "/harvests"), A, json={"date": "2026-05-01", "kg": 3}).status_code == 409
        assert names(c, state="dissolved") == ["Linden"] and len(names(c, state="active")) == 2
        assert send(c, "DELETE", at(h), B).status_code == 404 and send(c, "DELETE", at(h), A).status_code == 204
        return all(send(c, "GET", at(h, x), A).status_code == 404 for x in ("", "/summary", "/inspections"))

    return locals()


def lostfound(m):
    D, N, P = (m.HEADERS[n] for n in ("desk", "nora", "piet"))
    BASE = {
        "category": "umbrella",
        "description": "Black umbrella",
        "place": "Tram 4",
        "found_on": "2026-03-02",
        "shelf": "B12",
    }

    def new(c, **kw):
        r = send(c, "POST", "/items", D, json={**BASE, **kw})
        assert r.status_code == 201, r.text
        return r.json()

    def at(i, rest=""):
        return f"/items/{i['code']}{rest}"

    def claim(c, i, who=N):
        r = send(c, "POST", at(i, "/claims"), who, json={"proof": "my initials are on it"})
        assert r.status_code == 201, r.text
        return r.json()

    def decide(c, k, **body):
        return send(c, "POST", f"/claims/{k['id']}/decision", D, json=body)

    def listed(c, who=D, **q):
        return send(c, "GET", "/items", who, params=q)

    def shelf_leaked(c):
        i = new(c)
        return "shelf" not in send(c, "GET", at(i), N).json() and send(c, "GET", at(i), D).json()["shelf"] == "B12"

    def second_category_dropped(c):
        new(c, category="bag"), new(c, category="keys"), new(c)
        return [x["category"] for x in listed(c, category=["bag", "keys"]).json()] == ["bag", "keys"]

    def status_from_body(c):
        return (
            new(c, status="returned", code="LF-999999", version=9)
            | {"status": "stored", "version": 1, "code": "LF-000001"}
            == send(c, "GET", "/items/LF-000001", D).json()
            and listed(c, status="stored").json() != []
        )

    def stale_version_wins(c):
        i = new(c)
        codes = [
            send(c, "PUT", at(i), D, json={**BASE, "place": p, "version": 1}).status_code for p in ("first", "second")
        ]
        now = send(c, "GET", at(i), D).json()
        return codes == [200, 409] and (now["place"], now["version"]) == ("first", 2)

    def others_stay_pending(c):
        i = new(c)
        a, _ = claim(c, i), claim(c, i, P)
        assert decide(c, a, accept=True).status_code == 200
        return [k["status"] for k in send(c, "GET", "/claims", P).json()] == ["rejected"]

    def reject_without_reason(c):
        k = claim(c, new(c))
        return (
            decide(c, k, accept=False).status_code == 400
            and decide(c, k, accept=False, reason="no").json()["reason"] == "no"
        )

    def total_unfiltered(c):
        new(c, category="bag"), new(c), new(c)
        return (
            listed(c, category="bag").headers["x-total-count"] == "1"
            and listed(c, limit=1).headers["x-total-count"] == "3"
        )

    def minus_sort_ignored(c):
        for d in ("02", "05", "01"):
            new(c, found_on=f"2026-03-{d}")
        return [
            [x["found_on"][-2:] for x in listed(c, **q).json()]
            for q in ({}, {"sort": "found_on"}, {"sort": "-found_on"})
        ] == [["01", "02", "05"], ["01", "02", "05"], ["05", "02", "01"]]

    def code_reused(c):
        new(c)
        i = new(c)
        assert send(c, "DELETE", at(i), D).status_code == 204
        return new(c)["code"] > i["code"]

    def impossible_date_500(c):
        return send(c, "POST", "/items", D, json={**BASE, "found_on": "2026-02-30"}).status_code == 400

    def handover_unreserved(c):
        i = new(c)
        return (
            send(c, "POST", at(i, "/handover"), D).status_code == 409
            and send(c, "GET", at(i), D).json()["status"] == "stored"
        )

    def general(c):
        i = new(c)
        ok = {
            "ItemNew": BASE,
            "put": {**BASE, "version": 1},
            "claim": {"proof": "0123456789"},
            "dec": {"accept": False, "reason": "r"},
        }
        ops = [
            ("GET", "/items", None),
            ("POST", "/items", ok["ItemNew"]),
            ("GET", at(i), None),
            ("PUT", at(i), ok["put"]),
            ("DELETE", at(i), None),
            ("POST", at(i, "/claims"), ok["claim"]),
            ("POST", at(i, "/handover"), None),
            ("GET", "/claims", None),
            ("DELETE", "/claims/1", None),
            ("POST", "/claims/1/decision", ok["dec"]),
        ]
        staff = {
            ("POST", "/items"),
            ("PUT", at(i)),
            ("DELETE", at(i)),
            ("POST", at(i, "/handover")),
            ("POST", "/claims/1/decision"),
        }
        for op, p, body in ops:
            kw = {"json": body} if body else {}
            assert (
                send(c, op, p, **kw).status_code == 401 and send(c, op, p, {"X-Api-Key": "x"}, **kw).status_code == 401
            )
            if (op, p) in staff:
                assert send(c, op, p, N, **kw).status_code == 403
            q = p.replace(i["code"], "LF-999999")
            if q != p or "1" in p:
                assert send(c, op, q, N if "claims" in p and "decision" not in p else D, **kw).status_code == 404, (
                    op,
                    q,
                )
        assert send(c, "POST", at(i, "/claims"), D, json=ok["claim"]).status_code == 403
        a, b = claim(c, i), claim(c, i, P)
        assert (a["claimant"], a["status"], a["reason"]) == ("nora", "pending", None)
        assert send(c, "POST", at(i, "/claims"), N, json=ok["claim"]).status_code == 409
        for op, p, body in ops:
            if body:
                who = N if p.endswith("/claims") else D
                for bad in (
                    None,
                    [],
                    "x",
                    {},
                    {**body, "category": "cat", "proof": "short", "accept": 1},
                    {**body, "found_on": "2.3.2026", "proof": 5, "accept": "yes"},
                    {**body, "shelf": 7, "proof": None, "reason": ""},
                    {**body, "description": "ab", "proof": "", "reason": None},
                ):
                    assert send(c, op, p, who, json=bad).status_code == 400, (op, p, bad)
                assert send(c, op, p, who, **BAD_JSON).status_code == 400
        assert send(c, "PUT", at(i), D, json={**BASE, "version": 1, "found_on": "2026-02-30"}).status_code == 400
        r = c.post(
            "/items",
            headers={**D, "content-type": "application/json"},
            content=b'{"category": "bag", "description": "\\ud800 \\u0000 x", "place": "x", "found_on": "2026-01-01"}',
        )
        assert r.status_code == 201 and send(c, "GET", "/items", D).status_code == 200
        assert send(c, "DELETE", f"/items/{r.json()['code']}", D).status_code == 204
        for q in (
            {"category": ["bag", "x"]},
            {"status": "x"},
            {"found_from": "x"},
            {"found_to": "2026-02-30"},
            {"sort": "code"},
            {"limit": 0},
            {"limit": 51},
            {"offset": -1},
            {"offset": "x"},
        ):
            assert listed(c, **q).status_code == 400, q
        assert send(c, "GET", "/claims", D, params={"status": "x"}).status_code == 400
        assert [
            len(send(c, "GET", "/claims", w, params=q).json())
            for w in (D, N, P)
            for q in ({}, {"status": "pending"}, {"status": "accepted"})
        ] == [2, 2, 0, 1, 1, 0, 1, 1, 0]
        assert "shelf" not in listed(c, N).json()[0] and listed(c).json()[0]["shelf"] == "B12"
        assert send(c, "DELETE", at(i), D).status_code == 409
        d = f"/claims/{b['id']}"
        assert [send(c, "DELETE", d, w).status_code for w in (N, D, P, P)] == [403, 403, 204, 404]
        b = claim(c, i, P)
        assert (
            decide(c, b, accept=False, reason="no").json()["status"] == "rejected"
            and send(c, "DELETE", f"/claims/{b['id']}", P).status_code == 409
        )
        claim(c, i, P)
        assert decide(c, a, accept=True).json() == {**a, "status": "accepted"}
        assert decide(c, a, accept=True).status_code == 409 and send(c, "DELETE", at(i), D).status_code == 409
        assert send(c, "POST", at(i, "/claims"), P, json=ok["claim"]).status_code == 409
        assert listed(c, status="reserved").json()[0]["code"] == i["code"]
        assert send(
            c, "PUT", at(i), D, json={k: v for k, v in {**BASE, "version": 1}.items() if k != "shelf"}
        ).json() == {**i, "shelf": None, "version": 2, "status": "reserved"}
        assert [send(c, "POST", at(i, "/handover"), D).status_code for _ in "12"] == [200, 409] and send(
            c, "GET", at(i), D
        ).json()["status"] == "returned"
        assert send(c, "DELETE", at(i), D).status_code == 204 and send(c, "GET", "/claims", D).json() == []
        r = send(c, "POST", "/items", D, json=BASE)
        assert (
            r.headers["location"] == f"/items/{r.json()['code']}"
            and send(c, "GET", r.headers["location"], N).status_code == 200
        )
        x, y = new(c, found_on="2026-04-01"), new(c, found_on="2026-04-01")
        assert [
            [i["code"] for i in listed(c, found_from="2026-04-01", sort=s).json()] for s in ("found_on", "-found_on")
        ] == [[x["code"], y["code"]]] * 2
        assert len(listed(c, found_to="2026-04-01").json()) == 3 and len(listed(c, found_to="2026-03-02").json()) == 1
        return (
            len(listed(c, limit=2).json()) == 2
            and len(listed(c, limit=2, offset=2).json()) == 1
            and listed(c, offset=10**20).json() == []
        )

    return locals()


def expenses(m):
    E, F, R = (m.HEADERS[n] for n in ("emma", "farid", "rosa"))
    URL = "/api/reports/"
    MEAL = {"category": "meal", "date": "2026-04-20", "amount": "18.40"}

    def new(c, who=E, amounts=(), **kw):
        r = send(c, "POST", URL, who, json={"title": "Fair", **kw})
        assert r.status_code == 201, r.text
        for a in amounts:
            assert add(c, r.json(), who, amount=a).status_code == 201
        return r.json()

    def at(r, rest=""):
        return f"{URL}{r['id']}/{rest}"

    def get(c, r, who=E):
        return send(c, "GET", at(r), who).json()

    def add(c, r, who=E, **kw):
        return send(c, "POST", at(r, "lines/"), who, json={**MEAL, **kw})

    def review(c, r, who=R, decision="approve", **kw):
        return send(c, "POST", at(r, "review/"), who, json={"decision": decision, **kw})

    def submit(c, r, who=E):
        return send(c, "POST", at(r, "submit/"), who)

    def listed(c, who=E, **q):
        return send(c, "GET", URL, who, params=q)

    def total_not_lowered(c):
        r = new(c, amounts=["10.10", "0.20"])
        x = get(c, r)["lines"][0]
        assert get(c, r)["total"] == "10.30"
        assert send(c, "DELETE", at(r, f"lines/{x['id']}/"), E).status_code == 204
        return get(c, r)["total"] == "0.20" and len(get(c, r)["lines"]) == 1

    def next_drops_filter(c):
        for _ in range(3):
            submit(c, new(c, amounts=["1.00"])), new(c)
        n = listed(c, status="submitted", page_size=2).json()["next"]
        q = httpx.URL(n).params
        return (
            q.get("status") == "submitted"
            and q.get("page_size") == "2"
            and [x["status"] for x in send(c, "GET", n, E).json()["results"]] == ["submitted"]
        )

    def submit_empty_ok(c):
        r = new(c)
        return submit(c, r).status_code == 400 and get(c, r)["status"] == "draft"

    def self_approval(c):
        r = new(c, R, ["5.00"])
        submit(c, r, R)
        return review(c, r).status_code == 403 and get(c, r, R)["status"] == "submitted"

    def line_after_submit(c):
        r = new(c, amounts=["5.00"])
        submit(c, r)
        return add(c, r).status_code == 409 and get(c, r)["total"] == "5.00"

    def ordering_as_text(c):
        for a in ("9.00", "100.00", "20.00"):
            new(c, amounts=[a])
        return [[x["total"] for x in listed(c, ordering=o).json()["results"]] for o in ("total", "-total")] == [
            ["9.00", "20.00", "100.00"],
            ["100.00", "20.00", "9.00"],
        ]

    def mileage_without_distance(c):
        r = new(c)
        return (
            send(c, "POST", at(r, "lines/"), E, json={"category": "mileage", "date": "2026-04-20"}).status_code == 400
        )

    def negative_amount_ok(c):
        r = new(c)
        return [add(c, r, amount=a).status_code for a in ("-5.00", "0.00", "0.01")] == [400, 400, 201]

    def comment_not_saved(c):
        r = new(c, amounts=["5.00"])
        submit(c, r)
        return (
            review(c, r, decision="reject", comment="why?").json()["review_comment"] == "why?"
            and get(c, r)["review_comment"] == "why?"
        )

    def line_of_other_report(c):
        a, b = new(c, amounts=["5.00"]), new(c, amounts=["6.00"])
        x = get(c, a)["lines"][0]
        return send(c, "DELETE", at(b, f"lines/{x['id']}/"), E).status_code == 404 and get(c, a)["total"] == "5.00"

    def unknown_status_ignored(c):
        new(c)
        return listed(c, status="paid").status_code == 400 and listed(c, status="approved").json()["count"] == 0

    def general(c):
        ops = [
            ("GET", "/api/me/", None),
            ("GET", URL, None),
            ("POST", URL, {"title": "x"}),
            ("GET", URL + "1/", None),
            ("PATCH", URL + "1/", {"title": "y"}),
            ("DELETE", URL + "1/", None),
            ("POST", URL + "1/lines/", MEAL),
            ("DELETE", URL + "1/lines/1/", None),
            ("POST", URL + "1/submit/", None),
            ("POST", URL + "1/review/", {"decision": "approve"}),
        ]
        for op, p, body in ops:
            kw = {"json": body} if body else {}
            for who in (
                {},
                {"Authorization": "Token x"},
                {"Authorization": "Bearer 9c1e-emma"},
                {"Authorization": "9c1e-emma"},
            ):
                assert send(c, op, p, who, **kw).status_code == 401
            if "1" in p:
                assert all(
                    send(c, op, p.replace("1", n), w, **kw).status_code == 404
                    for n in ("999", "x", "0")
                    for w in (E, R)
                ), (op, p)
        r = new(c)
        assert (r["purpose"], r["currency"], r["status"], r["total"], r["owner"], r["submitted_at"], r["lines"]) == (
            "",
            "EUR",
            "draft",
            "0.00",
            "emma",
            None,
            [],
        )
        for op, p, body in ops:
            if p == "/api/me/" or p == URL:
                continue
            kw = {"json": body} if body else {}
            assert send(c, op, p, F, **kw).status_code == 404 and send(c, op, p, R, **kw).status_code == 404, (op, p)
        for op, p, body in ops:
            if body and "review" not in p:
                for bad in (
                    None,
                    [],
                    "x",
                    {**body, "title": "", "amount": "1"},
                    {**body, "title": 5, "amount": 5},
                    {**body, "title": "t" * 101, "date": "2026-02-30"},
                    {**body, "purpose": None, "note": None},
                    {**body, "title": None, "category": "drink"},
                    {**body, "title": {}, "date": 5},
                ):
                    assert send(c, op, p, E, json=bad).status_code == 400, (op, p, bad)
                assert send(c, op, p, E, **BAD_JSON).status_code == 400
                assert (
                    send(
                        c, op, p, E, content=b"a=b", headers={"content-type": "application/x-www-form-urlencoded"}
                    ).status_code
                    == 415
                )
        for bad in ({}, {"title": "x", "currency": "USD"}, {"title": "x", "currency": None}):
            assert send(c, "POST", URL, E, json=bad).status_code == 400
        assert (
            send(c, "PATCH", URL + "1/", E).status_code == 400
            and send(c, "PATCH", URL + "1/", E, json={}).json() == r
            and send(c, "PATCH", URL + "1/", E, json={"purpose": "\0p"}).json() == {**r, "purpose": "\0p"}
        )
        x = send(
            c,
            "POST",
            at(r, "lines/"),
            E,
            json={"category": "mileage", "date": "2026-04-20", "distance_km": 121, "amount": "0.00"},
        ).json()
        assert (x["amount"], x["distance_km"], x["note"]) == ("36.30", 121, "")
        for d in (0, 5001, "5", True, 1.5, None):
            assert (
                send(
                    c, "POST", at(r, "lines/"), E, json={"category": "mileage", "date": "2026-04-20", "distance_km": d}
                ).status_code
                == 400
            ), d
        assert add(c, r, distance_km=4).json()["distance_km"] is None
        assert send(c, "POST", at(r, "lines/"), E, json={"category": "meal", "date": "2026-04-20"}).status_code == 400
        assert get(c, r)["total"] == "54.70" and [y["category"] for y in get(c, r)["lines"]] == ["mileage", "meal"]
        assert review(c, r, E).status_code == 403
        s = submit(c, r).json()
        assert (
            s["status"] == "submitted"
            and s["submitted_at"]
            and send(c, "GET", at(r), R).json() == s
            and send(c, "GET", at(r), F).status_code == 404
        )
        for op, p, body in ops:
            if "1" in p and op != "GET" and "review" not in p:
                kw = {"json": body} if body else {}
                assert (
                    send(c, op, p, R, **kw).status_code == 403
                    and send(c, op, p, E, **kw).status_code == 409
                    and send(c, op, p, F, **kw).status_code == 404
                ), (op, p)
        for bad in (
            None,
            [],
            {},
            {"decision": "maybe"},
            {"decision": "approve", "comment": ""},
            {"decision": "approve", "comment": 5},
        ):
            assert send(c, "POST", at(r, "review/"), R, json=bad).status_code == 400, bad
        assert (
            send(c, "POST", at(r, "review/"), R, content=b"x", headers={"content-type": "text/plain"}).status_code
            == 415
        )
        assert (
            review(c, r, E).status_code == 403
            and review(c, r, decision="reject", comment="no").json()["status"] == "rejected"
            and review(c, r).status_code == 409
        )
        assert (
            add(c, r).status_code == 201 and get(c, r)["review_comment"] == "no" and get(c, r)["status"] == "rejected"
        )
        assert submit(c, r).json()["review_comment"] is None
        assert send(c, "GET", "/api/me/", E).json() == {
            "username": "emma",
            "is_approver": False,
            "open_reports": 1,
            "approved_reports": 0,
        }
        assert (
            review(c, r).json()["review_comment"] is None
            and submit(c, r).status_code == 409
            and send(c, "DELETE", at(r), E).status_code == 409
        )
        assert send(c, "GET", "/api/me/", E).json() == {
            "username": "emma",
            "is_approver": False,
            "open_reports": 0,
            "approved_reports": 1,
        }
        assert send(c, "GET", "/api/me/", R).json()["is_approver"] is True
        for q in (
            {"page": 0},
            {"page": "x"},
            {"page_size": 0},
            {"page_size": 51},
            {"ordering": "title"},
            {"ordering": ""},
            {"status": ""},
        ):
            assert listed(c, **q).status_code == 400, q
        assert listed(c, page=2).status_code == 404 and listed(c, F).json() == {
            "count": 0,
            "next": None,
            "previous": None,
            "results": [],
        }
        a, b = new(c, F), new(c, F)
        assert [x["id"] for x in listed(c, F).json()["results"]] == [b["id"], a["id"]] and [
            x["id"] for x in listed(c, F, ordering="created").json()["results"]
        ] == [a["id"], b["id"]]
        assert [[x["id"] for x in listed(c, F, ordering=o).json()["results"]] for o in ("total", "-total")] == [
            [a["id"], b["id"]]
        ] * 2
        assert [x["id"] for x in listed(c, R).json()["results"]] == [r["id"]]
        p2 = listed(c, F, page=2, page_size=1).json()
        assert p2["next"] is None and send(c, "GET", p2["previous"], F).json()["results"] == [b] and p2["count"] == 2
        assert [send(c, "DELETE", at(a), w).status_code for w in (E, R, F, F)] == [404, 404, 204, 404]
        return c.get("/api/nothing").status_code == 404

    return locals()


if __name__ == "__main__":
    sys.exit(main([("server_hives", hives), ("server_lostfound", lostfound), ("server_expenses", expenses)]))
