"""Shows right and faulty behaviour of each fault over a socket; every answer of a right server is checked against its SPEC."""

import pathlib
import sys
import uuid
from datetime import date, timedelta

sys.path.append(str(pathlib.Path(__file__).parents[1] / "stranger_2"))
from checklib import main, send  # noqa: E402


def observatory(m):
    V, E, O = (m.HEADERS[k] for k in ("vera", "edwin", "otto"))

    def scope(c, name="North Dome", mm=800, hemi="north"):
        return send(c, "POST", "/telescopes", O, json={"name": name, "aperture_mm": mm, "hemisphere": hemi})

    def req(c, who=V, t=None, **kw):
        if t is None:
            t = (send(c, "GET", "/telescopes", O).json() or [scope(c).json()])[0]["id"]
        return send(
            c,
            "POST",
            "/requests",
            who,
            json={
                "telescope_id": t,
                "target": "M31",
                "right_ascension_deg": 10.6847,
                "declination_deg": -41.2687,
                "minutes": 90,
                **kw,
            },
        )

    def read(c, r, who=V):
        return send(c, "GET", f"/requests/{r['id']}", who)

    def pages_floor(c):
        for _ in range(5):
            req(c)
        p = send(c, "GET", "/requests?per_page=2&page=3", V).json()
        return (p["total"], p["pages"], p["page"], len(p["items"])) == (5, 3, 3, 1)

    def patch_drops_notes(c):
        r = req(c, notes="dark").json()
        p = send(c, "PATCH", f"/requests/{r['id']}", V, json={"minutes": 20}).json()
        return p["notes"] == "dark" and p["minutes"] == 20 and read(c, r).json() == p

    def submit_twice_ok(c):
        r = req(c).json()
        a, b = (send(c, "POST", f"/requests/{r['id']}/submit", V) for _ in "ab")
        return a.status_code == 200 and a.json()["status"] == "submitted" and b.status_code == 409

    def reject_without_reason(c):
        r = req(c).json()
        send(c, "POST", f"/requests/{r['id']}/submit", V)
        codes = [
            send(c, "POST", f"/requests/{r['id']}/decision", O, json=b).status_code
            for b in (
                {"verdict": "rejected"},
                {"verdict": "rejected", "reason": ""},
                {"verdict": "rejected", "reason": None},
            )
        ]
        ok = codes == [422] * 3 and read(c, r).json()["status"] == "submitted"
        d = send(c, "POST", f"/requests/{r['id']}/decision", O, json={"verdict": "rejected", "reason": "low"})
        return ok and d.status_code == 200 and (d.json()["status"], d.json()["reason"]) == ("rejected", "low")

    def list_shows_others(c):
        a, b = req(c).json(), req(c, E).json()
        ids = [[x["id"] for x in send(c, "GET", "/requests", w).json()["items"]] for w in (V, E, O)]
        return ids == [[a["id"]], [b["id"]], [b["id"], a["id"]]]

    def name_case_sensitive(c):
        return [scope(c, n).status_code for n in ("North Dome", "North Dome", "north dome", "Southern")] == [
            201,
            409,
            409,
            201,
        ]

    def filters_ored(c):
        for n, mm, h in (("A", 800, "north"), ("B", 200, "north"), ("C", 900, "south")):
            scope(c, n, mm, h)
        get = lambda q: "".join(t["name"] for t in send(c, "GET", "/telescopes?" + q, V).json())  # noqa: E731
        return (
            get(""),
            get("hemisphere=north"),
            get("min_aperture_mm=800"),
            get("hemisphere=north&min_aperture_mm=800"),
        ) == ("ABC", "AB", "AC", "A")

    def updated_at_stuck(c):
        r = req(c).json()
        p = send(c, "PATCH", f"/requests/{r['id']}", V, json={"target": "M33"}).json()
        return r["updated_at"] == r["created_at"] == p["created_at"] and p["updated_at"] > r["updated_at"]

    def coordinates_truncated(c):
        r = req(c).json()
        return (r["right_ascension_deg"], r["declination_deg"]) == (10.6847, -41.2687) and read(c, r).json() == r

    def deleted_still_listed(c):
        r = req(c).json()
        ok = send(c, "DELETE", f"/requests/{r['id']}", V).status_code == 204
        return (
            ok
            and read(c, r).status_code == 404
            and send(c, "GET", "/requests", V).json() == {"items": [], "total": 0, "page": 1, "pages": 0}
        )

    def general(c):
        t, want = scope(c).json(), []
        r = req(c).json()
        U, nobody = f"/requests/{r['id']}", f"/requests/{uuid.uuid4()}"
        assert (r["priority"], r["notes"], r["status"], r["owner"], r["reason"]) == (
            "normal",
            None,
            "draft",
            "vera",
            None,
        )

        def w(code, *a, **kw):
            got = send(c, *a, **kw).status_code
            want.append(got == code)
            if got != code:
                print("  expected", code, "got", got, a, kw)

        ops = [
            ("GET", "/telescopes"),
            ("POST", "/telescopes"),
            ("DELETE", f"/telescopes/{t['id']}"),
            ("GET", "/requests"),
            ("POST", "/requests"),
            ("GET", U),
            ("PATCH", U),
            ("DELETE", U),
            ("POST", U + "/submit"),
            ("POST", U + "/decision"),
        ]
        for meth, p in ops:
            kw = {"json": {"minutes": 20}} if meth in ("POST", "PATCH") else {}
            w(401, meth, p, **kw)
            w(401, meth, p, {"Authorization": "Bearer nope"}, **kw)
        w(401, "POST", "/requests", content=b"{", headers={"content-type": "application/json"})
        w(422, "POST", "/requests", V, content=b"{", headers={"content-type": "application/json"})
        w(401, "POST", "/requests", content=b"\xff", headers={"content-type": "application/json"})
        w(422, "POST", "/requests", V, content=b"\xff", headers={"content-type": "application/json"})
        w(422, "DELETE", "/requests/1", V)
        w(422, "POST", "/requests/1/submit", V)
        good = {
            "telescope_id": t["id"],
            "target": "M31",
            "right_ascension_deg": 0,
            "declination_deg": 90,
            "minutes": 10,
        }
        tel = {"name": "X1", "aperture_mm": 50, "hemisphere": "south"}
        w(403, "POST", "/telescopes", V, json=tel)
        for bad in (
            {"name": ""},
            {"name": " X"},
            {"aperture_mm": 49},
            {"aperture_mm": "80"},
            {"hemisphere": "east"},
            {"x": 1},
            {"name": "X\n"},
        ):
            w(422, "POST", "/telescopes", O, json={**tel, **bad})
        w(201, "POST", "/telescopes", O, json={**tel, "aperture_mm": 50.0})
        w(204, "DELETE", f"/telescopes/{t['id'] + 1}", O)
        w(404, "DELETE", f"/telescopes/{t['id'] + 1}", O)
        w(409, "DELETE", f"/telescopes/{t['id']}", O)
        w(403, "DELETE", f"/telescopes/{t['id']}", V)
        w(422, "DELETE", "/telescopes/x", O)
        w(422, "GET", "/telescopes?hemisphere=east", V)
        for bad in (
            {"target": ""},
            {"target": "x" * 81},
            {"right_ascension_deg": 360},
            {"declination_deg": -90.5},
            {"minutes": 9},
            {"minutes": 481},
            {"minutes": True},
            {"minutes": "90"},
            {"priority": "x"},
            {"priority": None},
            {"notes": "x" * 501},
            {"telescope_id": 0},
            {"x": 1},
            {"target": "\ud800"},
        ):
            w(422, "POST", "/requests", V, json={**good, **bad}) if bad != {"target": "\ud800"} else w(
                422,
                "POST",
                "/requests",
                V,
                content=b'{"telescope_id":1,"target":"\\ud800","right_ascension_deg":0,"declination_deg":NaN,"minutes":10}',
                headers={"content-type": "application/json"},
            )
        w(422, "POST", "/requests", V, json=[])
        w(422, "POST", "/requests", V, json=None)
        w(404, "POST", "/requests", V, json={**good, "telescope_id": 999})
        w(403, "POST", "/requests", O, json=good)
        w(201, "POST", "/requests", E, json=good)
        for q in ("page=0", "per_page=51", "per_page=0", "status=x", "telescope_id=x"):
            w(422, "GET", "/requests?" + q, V)
        w(200, "GET", f"/requests?page=9&status=draft&telescope_id={t['id']}", V)
        for who, code in ((E, 404), (O, 403)):
            for meth, p, kw in (
                ("PATCH", U, {"json": {"minutes": 20}}),
                ("DELETE", U, {}),
                ("POST", U + "/submit", {}),
            ):
                w(code, meth, p, who, **kw)
        w(404, "GET", U, E)
        w(200, "GET", U, O)
        w(404, "GET", nobody, V)
        w(422, "GET", "/requests/1", V)
        for bad in ({"minutes": None}, {"minutes": 5}, {"status": "approved"}, {"target": None}):
            w(422, "PATCH", U, V, json=bad)
        w(200, "PATCH", U, V, json={})
        w(200, "PATCH", U, V, json={"notes": None, "priority": "urgent"})
        w(403, "POST", U + "/decision", V, json={"verdict": "approved"})
        w(409, "POST", U + "/decision", O, json={"verdict": "approved"})
        w(404, "POST", nobody + "/decision", O, json={"verdict": "approved"})
        w(422, "POST", U + "/submit".replace("submit", "decision"), O, json={"verdict": "draft"})
        w(200, "POST", U + "/submit", V)
        before = send(c, "GET", U, V).json()
        w(409, "PATCH", U, V, json={"minutes": 20})
        w(409, "DELETE", U, V)
        want.append(send(c, "GET", U, V).json() == before)
        w(200, "POST", U + "/decision", O, json={"verdict": "approved"})
        w(409, "POST", U + "/decision", O, json={"verdict": "rejected", "reason": "x"})
        w(409, "POST", U + "/submit", V)
        want.append([x["id"] for x in send(c, "GET", "/requests?status=approved", V).json()["items"]] == [r["id"]])
        return all(want)

    return locals()


def giftcards(m):
    B, S = m.HEADERS["bakery"], m.HEADERS["bookshop"]

    def card(c, who=B, cents=5000, **kw):
        return send(c, "POST", "/cards", who, json={"amount_cents": cents, "recipient_email": "zoe@example.com", **kw})

    def charge(c, k, cents, reference, who=B):
        return send(c, "POST", f"/cards/{k['code']}/charges", who, json={"amount_cents": cents, "reference": reference})

    def read(c, k):
        return send(c, "GET", f"/cards/{k['code']}", B).json()

    def listed(c, k):
        return [x["reference"] for x in send(c, "GET", f"/cards/{k['code']}/charges", B).json()]

    def valid_days_ignored(c):
        days = lambda k: (date.fromisoformat(k["expires_on"]) - date.fromisoformat(k["issued_on"])) / timedelta(days=1)  # noqa: E731
        return days(card(c, valid_days=30).json()) == 30 and days(card(c).json()) == 1095

    def sort_as_text(c):
        for n in (900, 10000, 5000):
            card(c, cents=n)
        get = lambda s: [k["balance_cents"] for k in send(c, "GET", f"/cards?sort={s}", B).json()]  # noqa: E731
        return get("balance") == [900, 5000, 10000] == get("-balance")[::-1] and get("issued") == [900, 10000, 5000]

    def patch_takes_balance(c):
        k = card(c).json()
        codes = [
            send(c, "PATCH", f"/cards/{k['code']}", B, json=b).status_code
            for b in ({"balance_cents": 9999}, {"message": "x", "balance_cents": 9999}, {"colour": 1})
        ]
        return codes == [400] * 3 and read(c, k) == k

    def whole_balance_refused(c):
        k = card(c).json()
        ok = charge(c, k, 5000, "a").status_code == 201
        return (
            ok
            and (read(c, k)["balance_cents"], read(c, k)["status"]) == (0, "spent")
            and charge(c, k, 1, "b").status_code == 409
        )

    def refund_twice(c):
        k = card(c).json()
        x = charge(c, k, 1000, "a").json()
        a, b = (send(c, "POST", f"/cards/{k['code']}/charges/{x['id']}/refund", B) for _ in "ab")
        return (a.status_code, b.status_code, a.json()["refunded"]) == (200, 409, True) and read(c, k)[
            "balance_cents"
        ] == 5000

    def frozen_can_be_charged(c):
        k = card(c).json()
        f = send(c, "PUT", f"/cards/{k['code']}/frozen", B, json={"frozen": True})
        return (
            f.json()["status"] == "frozen"
            and charge(c, k, 100, "a").status_code == 409
            and read(c, k)["balance_cents"] == 5000
        )

    def charges_of_all_cards(c):
        k, o = card(c).json(), card(c).json()
        for n, (x, r) in enumerate(((k, "a"), (o, "b"), (k, "c"))):
            charge(c, x, 100 + n, r)
        return listed(c, k) == ["a", "c"] and listed(c, o) == ["b"]

    def refused_charge_listed(c):
        k = card(c).json()
        return (
            charge(c, k, 5001, "a").status_code == 409
            and listed(c, k) == []
            and charge(c, k, 100, "a").status_code == 201
        )

    def total_count_unfiltered(c):
        for n in (1000, 2000, 3000):
            card(c, cents=n)
        card(c, S)
        k = card(c, cents=500).json()
        send(c, "PUT", f"/cards/{k['code']}/frozen", B, json={"frozen": True})
        get = lambda q: (lambda r: (r.headers["X-Total-Count"], len(r.json())))(send(c, "GET", "/cards?" + q, B))  # noqa: E731
        return [get(q) for q in ("", "status=frozen", "min_balance=2000", "limit=1&min_balance=1000", "offset=9")] == [
            ("4", 4),
            ("1", 1),
            ("2", 2),
            ("3", 1),
            ("4", 0),
        ]

    def bad_key_500(c):
        return (
            send(c, "GET", "/summary", {"X-Merchant-Key": "nope"}).status_code == 401
            and send(c, "GET", "/summary").status_code == 401
        )

    def general(c):
        want = []
        k, o = card(c, message="Zoë 🎂").json(), card(c, S, currency="USD").json()
        assert (k["currency"], k["message"], o["message"], k["status"], k["balance_cents"]) == (
            "EUR",
            "Zoë 🎂",
            None,
            "active",
            5000,
        )
        U = f"/cards/{k['code']}"

        def w(code, *a, **kw):
            got = send(c, *a, **kw).status_code
            want.append(got == code)
            if got != code:
                print("  expected", code, "got", got, a, kw)

        good, ch = {"amount_cents": 100, "recipient_email": "a@b.cd"}, {"amount_cents": 10, "reference": "r-1"}
        x = charge(c, k, 1000, "first").json()
        R = f"{U}/charges/{x['id']}/refund"
        ops = [
            ("POST", "/cards", good),
            ("GET", "/cards", 0),
            ("GET", U, 0),
            ("PATCH", U, {"message": "x"}),
            ("DELETE", U, 0),
            ("PUT", U + "/frozen", {"frozen": False}),
            ("POST", U + "/charges", ch),
            ("GET", U + "/charges", 0),
            ("POST", R, 0),
            ("GET", "/summary", 0),
        ]
        for meth, p, b in ops:
            kw = {"json": b} if b else {}
            w(401, meth, p, **kw)
            w(401, meth, p, {"X-Merchant-Key": "nope"}, **kw)
            if p.startswith(U):
                w(404, meth, p, S, **kw)
                w(404, meth, p.replace(k["code"], "AAAA-AAAA-AAAA"), B, **kw)
        w(404, "POST", f"{U}/charges/ch_0/refund", B)
        for bad in (
            {"amount_cents": 99},
            {"amount_cents": 50001},
            {"amount_cents": "100"},
            {"amount_cents": 100.5},
            {"amount_cents": True},
            {"currency": "CHF"},
            {"currency": []},
            {"currency": None},
            {"recipient_email": "a"},
            {"recipient_email": None},
            {"message": "x" * 141},
            {"message": 1},
            {"valid_days": 0},
            {"valid_days": 3651},
            {"valid_days": None},
            {"code": "x"},
        ):
            w(400, "POST", "/cards", B, json={**good, **bad})
        w(201, "POST", "/cards", B, json={**good, "message": None, "currency": "GBP", "amount_cents": 50000.0})
        w(400, "POST", "/cards", B, json=[])
        w(400, "POST", "/cards", B, json=None)
        w(400, "POST", "/cards", B, content=b"{", headers={"content-type": "application/json"})
        for q in (
            "status=x",
            "status=",
            "min_balance=-1",
            "min_balance=50001",
            "sort=x",
            "limit=0",
            "limit=101",
            "limit=x",
            "offset=-1",
            "offset=",
        ):
            w(400, "GET", "/cards?" + q, B)
        for bad in ({}, {"recipient_email": "x"}, {"recipient_email": None}, {"message": 5}, [], {"status": "spent"}):
            w(400, "PATCH", U, B, json=bad)
        w(200, "PATCH", U, B, json={"recipient_email": "n@ew.org"})
        now = read(c, k)
        want.append(now == {**k, "recipient_email": "n@ew.org", "balance_cents": 4000})
        w(200, "PATCH", U, B, json={"message": None})
        want.append(read(c, k)["message"] is None)
        for bad in (
            {"amount_cents": 0},
            {"amount_cents": 50001},
            {"reference": ""},
            {"reference": "x" * 41},
            {"reference": "a b"},
            {"reference": "a\n"},
            {"reference": 1},
            {"x": 1},
        ):
            w(400, "POST", U + "/charges", B, json={**ch, **bad})
        w(409, "POST", U + "/charges", B, json={**ch, "reference": "first"})
        w(409, "DELETE", U, B)
        for bad in ({}, {"frozen": None}, {"frozen": 1}, {"frozen": True, "x": 1}):
            w(400, "PUT", U + "/frozen", B, json=bad)
        for f in (True, True):
            w(200, "PUT", U + "/frozen", B, json={"frozen": f})
        w(200, "POST", R, B)
        want.append((read(c, k)["status"], read(c, k)["balance_cents"]) == ("frozen", 5000))
        w(409, "DELETE", U, B)
        for f in (False, False):
            w(200, "PUT", U + "/frozen", B, json={"frozen": f})
        y = charge(c, k, 5000, "all").json()
        for f in (True, False):
            w(409, "PUT", U + "/frozen", B, json={"frozen": f})
        want.append([z["code"] for z in send(c, "GET", "/cards?status=spent", B).json()] == [k["code"]])
        w(200, "POST", f"{U}/charges/{y['id']}/refund", B)
        want.append((read(c, k)["status"], read(c, k)["balance_cents"]) == ("active", 5000))
        want.append(
            send(c, "GET", "/summary", B).json()
            == {"cards": 2, "outstanding_cents": {"EUR": 5000, "USD": 0, "GBP": 50000}}
        )
        z = card(c).json()
        w(204, "DELETE", f"/cards/{z['code']}", B)
        w(404, "DELETE", f"/cards/{z['code']}", B)
        want.append(send(c, "GET", "/summary", B).json()["cards"] == 2)
        return all(want)

    return locals()


if __name__ == "__main__":
    sys.exit(bool(main([("server_observatory", observatory), ("server_giftcards", giftcards)])))
