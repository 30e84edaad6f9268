"""Proves that each server is right with fault=None and shows each fault. Run: python check_servers.py"""

import pathlib
import sys
import uuid

sys.path.append(str(pathlib.Path(__file__).parents[1] / "stranger_2"))
from checklib import ISO, main, send  # noqa: E402

JUNK = (b"{", b"\xff\xfe\x00", b"[" * 100000, b'{"a": NaN}', b"", b"nul")
JSON = {"content-type": "application/json"}


# every probe returns True when the behaviour is RIGHT
def recipes_probes(m):
    L, M = m.HEADERS["lena"], m.HEADERS["marco"]
    EGG = {"title": "Shakshuka", "minutes": 35, "servings": 2, "tags": ["egg"], "steps": ["Fry.", "Poach."]}

    def add(c, who=L, **kw):
        return send(c, "POST", "/recipes", who, json={**EGG, **kw})

    def titles(c, **q):
        return [r["title"] for r in send(c, "GET", "/recipes", M, params=q).json()["recipes"]]

    def servings_default_2(c):
        return send(c, "POST", "/recipes", L, json={"title": "x", "minutes": 1, "steps": ["y"]}).json()["servings"] == 4

    def tag_matches_part(c):
        add(c)
        add(c, title="Salad", tags=["veggie", "raw"])
        return titles(c, tag="egg") == ["Shakshuka"] and titles(c, tag="raw") == ["Salad"]

    def sort_ignored(c):
        for t in ("b", "C", "a"):
            add(c, title=t)
        return titles(c, sort="title") == ["a", "b", "C"]

    def others_may_replace(c):
        i = add(c).json()["id"]
        return send(c, "PUT", f"/recipes/{i}", M, json=EGG).status_code == 403

    def favourite_twice_409(c):
        i = add(c).json()["id"]
        return [send(c, "PUT", f"/recipes/{i}/favourite", M).status_code for _ in "xx"] == [204, 204] and len(
            send(c, "GET", "/me/favourites", M).json()
        ) == 1

    def no_ratings_zero(c):
        return add(c).json()["average_stars"] is None

    def created_unix_time(c):
        return bool(ISO.fullmatch(str(add(c).json()["created"])))

    def same_title_twice(c):
        return add(c).status_code == 201 and add(c).status_code == 409 and add(c, M).status_code == 201

    def password_any_case(c):
        return (
            c.get("/recipes", auth=("lena", "sourdough!")).status_code == 401
            and c.get("/recipes", auth=("lena", "Sourdough!")).status_code == 200
        )

    def empty_steps_ok(c):
        return add(c, steps=[]).status_code == 400

    def no_location(c):
        r = add(c)
        return r.headers.get("location") == f"/recipes/{r.json()['id']}"

    def favourites_after_delete_500(c):
        i = add(c).json()["id"]
        send(c, "PUT", f"/recipes/{i}/favourite", M)
        send(c, "DELETE", f"/recipes/{i}", L)
        r = send(c, "GET", "/me/favourites", M)
        return r.status_code == 200 and r.json() == []

    def missing_is_200(c):
        return c.get(f"/recipes/{uuid.uuid4()}").status_code == 404

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/recipes"),
                ("POST", "/recipes"),
                ("PUT", "/recipes/x"),
                ("DELETE", "/recipes/x"),
                ("PUT", "/recipes/x/favourite"),
                ("DELETE", "/recipes/x/favourite"),
                ("PUT", "/recipes/x/rating"),
                ("GET", "/me/favourites"),
            ]
        )
        for a in ("Basic", "Basic !!!", "Bearer x", "Basic bGVuYQ==", "Basic " + "A" * 9):
            ok &= send(c, "GET", "/recipes", {"Authorization": a}).status_code == 401
        bad = {
            "title": ["", "x" * 101, 1, None],
            "minutes": [0, 1441, 1.5, "5", True, None],
            "servings": [0, 51, None],
            "tags": ["egg", ["Egg"], ["e"], ["egg", "egg"], [1], ["ab"] * 9, ["egg\n"], None],
            "steps": [[], ["x"] * 41, [""], ["x" * 501], [None], None],
        }
        for k, vs in bad.items():
            for v in vs:
                ok &= add(c, **{k: v}).status_code == 400
        for b in ([], None, 1, {}, {**EGG, "id": 1}):
            ok &= send(c, "POST", "/recipes", L, json=b).status_code == 400
        for b in JUNK:
            ok &= send(c, "POST", "/recipes", L, content=b, headers=JSON).status_code == 400
        ok &= (
            send(c, "POST", "/recipes", L, content=b"{}").status_code == 415
            and send(c, "POST", "/recipes", L, data={"title": "x"}).status_code == 415
        )
        r = add(c, minutes=35.0, title="\U0001f95a").json()
        u = f"/recipes/{r['id']}"
        ok &= (
            r["minutes"] == 35
            and r["updated"] is None
            and c.get(u).json() == r
            and c.get(u.upper().replace("/RECIPES", "/recipes")).json() == r
        )
        ok &= (
            send(c, "PUT", u, M, content=b"x").status_code == 403
            and send(c, "PUT", u, L, content=b"x").status_code == 415
            and send(c, "PUT", u, L, json={}).status_code == 400
        )
        p = send(c, "PUT", u, L, json={"title": "new", "minutes": 3, "steps": ["s"]}).json()
        ok &= p["servings"] == 4 and p["tags"] == [] and bool(ISO.fullmatch(p["updated"])) and c.get(u).json() == p
        add(c, title="other")
        ok &= (
            send(c, "PUT", u, L, json={**EGG, "title": "other"}).status_code == 409
            and send(c, "PUT", u, L, json={**EGG, "title": "new"}).status_code == 200
        )
        ok &= send(c, "PUT", u + "/rating", L, json={"stars": 5}).status_code == 403
        ok &= (
            send(c, "PUT", u + "/rating", M, json={"stars": 6}).status_code == 400
            and send(c, "PUT", u + "/rating", M, content=b"5").status_code == 415
        )
        ok &= (
            send(c, "PUT", u + "/rating", M, json={"stars": 5}).json()["average_stars"] == 5
            and send(c, "PUT", u + "/rating", M, json={"stars": 2}).json()["average_stars"] == 2
        )
        for q in (
            "tag=E",
            "tag=",
            "tag=e",
            "max_minutes=0",
            "max_minutes=x",
            "sort=no",
            "sort=",
            "offset=-1",
            "limit=0",
            "limit=31",
            "limit=",
            "limit=1e1",
        ):
            ok &= send(c, "GET", "/recipes?" + q, L).status_code == 400
        add(c, title="slow", minutes=90)
        ok &= (
            titles(c) == ["slow", "other", "new"]
            and titles(c, max_minutes=89) == ["other", "new"]
            and titles(c, sort="minutes") == ["other", "new", "slow"]
        )
        a, b = (send(c, "GET", "/recipes", L, params={"limit": 2, "offset": o}).json() for o in (0, 2))
        ok &= a["more"] is True and b["more"] is False and len(b["recipes"]) == 1
        ok &= send(c, "DELETE", u + "/favourite", M).status_code == 204 and send(c, "DELETE", u, M).status_code == 403
        for me, x in (("PUT", ""), ("DELETE", ""), ("PUT", "/favourite"), ("DELETE", "/favourite"), ("PUT", "/rating")):
            ok &= send(c, me, f"/recipes/{uuid.uuid4()}{x}", L, json={"stars": 1}).status_code == 404
        ok &= (
            c.get("/recipes/not-a-uuid").status_code == 404
            and c.get("/recipes/" + "-" * 36).status_code == 404
            and c.get("/recipes/").status_code == 404
        )
        ok &= (
            send(c, "PUT", u + "/favourite", M).status_code == 204
            and send(c, "GET", "/me/favourites", M).json()[0]["id"] == r["id"]
        )
        ok &= send(c, "DELETE", u, L).status_code == 204 and c.get(u).status_code == 404
        return bool(ok)

    return locals()


def events_probes(m):
    O, G, H = m.HEADERS["orga"], m.HEADERS["gia"], m.HEADERS["hugo"]
    DANCE = {"title": "Barn dance", "city": "L'Aquila", "day": "2027-06-12", "seats": 10, "price": "12.50"}

    def new(c, who=O, **kw):
        return send(c, "POST", "/events", who, json={**DANCE, **kw})

    def book(c, who=G, seats=2, id=1, **kw):
        return send(c, "POST", f"/events/{id}/bookings", who, json={"seats": seats}, **kw)

    def ids(c, **q):
        return [e["id"] for e in send(c, "GET", "/events", G, params=q).json()["events"]]

    def free(c):
        return send(c, "GET", "/events/1", G).json()["free"]

    def oversell(c):
        new(c, seats=3)
        return book(c).status_code == 201 and book(c, H).status_code == 409 and book(c, H, 1).status_code == 201

    def cancel_keeps_seats(c):
        new(c)
        book(c)
        return free(c) == 8 and send(c, "DELETE", "/bookings/1", G).status_code == 204 and free(c) == 10

    def idempotency_ignored(c):
        new(c)
        k = {"Idempotency-Key": "abc"}
        a, b = book(c, headers=k), book(c, headers=k)
        return (a.status_code, b.status_code) == (201, 200) and a.json() == b.json() and free(c) == 8

    def cursor_repeats(c):
        for _ in range(5):
            new(c)
        got, cur = [], None
        for _ in range(4):
            r = send(c, "GET", "/events", G, params={"limit": 2, **({"cursor": cur} if cur else {})}).json()
            got += [e["id"] for e in r["events"]]
            cur = r["next_cursor"]
            if cur is None:
                break
        return got == [1, 2, 3, 4, 5] and cur is None

    def from_excludes_day(c):
        new(c)
        new(c, day="2027-06-11")
        return ids(c, **{"from": "2027-06-12"}) == [1]

    def guest_may_create(c):
        return new(c, G).status_code == 403

    def cancel_foreign_booking(c):
        new(c)
        book(c)
        return (
            send(c, "DELETE", "/bookings/1", H).status_code == 404 and len(send(c, "GET", "/bookings", G).json()) == 1
        )

    def price_as_number(c):
        return new(c).json()["price"] == "12.50"

    def patch_answers_old(c):
        new(c)
        r = send(c, "PATCH", "/events/1", O, json={"seats": 20}).json()
        return r["seats"] == 20 and r["free"] == 20 and send(c, "GET", "/events/1", G).json() == r

    def delete_despite_bookings(c):
        new(c)
        book(c)
        return send(c, "DELETE", "/events/1", O).status_code == 409

    def limit_zero_ok(c):
        return send(c, "GET", "/events?limit=0", G).status_code == 400

    def apostrophe_500(c):
        new(c)
        new(c, city="Bari")
        return send(c, "GET", "/events", G, params={"city": "L'Aquila"}).status_code == 200 and ids(
            c, city="L'Aquila"
        ) == [1]

    def list_without_token(c):
        return c.get("/events").status_code == 401

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/events"),
                ("POST", "/events"),
                ("GET", "/events/1"),
                ("PATCH", "/events/1"),
                ("DELETE", "/events/1"),
                ("POST", "/events/1/bookings"),
                ("GET", "/bookings"),
                ("DELETE", "/bookings/1"),
            ]
        )
        bad = {
            "title": ["ab", "x" * 121, 5, None],
            "city": ["", "x" * 61, None],
            "day": ["2027-6-1", "2027-02-29", "2027-01-01\n", 3, None],
            "seats": [0, 501, "5", 2.5, True, None],
            "price": ["12.5", "12,50", "012.00", 12.5, "-1.00", "10000.00", "1.00\n", None],
        }
        for k, vs in bad.items():
            for v in vs:
                ok &= new(c, **{k: v}).status_code == 422
        for b in ([], None, 1, {}, {**DANCE, "id": 1}):
            ok &= send(c, "POST", "/events", O, json=b).status_code == 422
        for b in JUNK:
            ok &= send(c, "POST", "/events", O, content=b, headers=JSON).status_code == 400
        ok &= send(c, "POST", "/events", O, content=b"{}").status_code == 400
        r = send(
            c,
            "POST",
            "/events",
            O,
            json={"title": "F\u00eate", "city": "\u00c9vian", "day": "2027-01-01", "seats": 5.0},
        )
        ok &= (
            r.json()
            == {
                "id": 1,
                "free": 5,
                "title": "F\u00eate",
                "city": "\u00c9vian",
                "day": "2027-01-01",
                "seats": 5,
                "price": "0.00",
            }
            and r.headers["location"] == "/events/1"
        )
        ok &= ids(c, city="\u00c9vian") == [1] and ids(c, city="x") == []
        for q in (
            "limit=41",
            "limit=",
            "limit=x",
            "limit=-1",
            "from=",
            "from=2027",
            "city=",
            "city=" + "x" * 61,
            "cursor=abc",
            "cursor=%C3%A9",
            "cursor=",
            "cursor=" + "A" * 65,
        ):
            ok &= send(c, "GET", "/events?" + q, G).status_code == 400
        new(c, day="2026-12-31")
        ok &= ids(c) == [2, 1]
        for b in ({}, {"seats": None}, {"x": 1}, [], {"price": "1"}):
            ok &= send(c, "PATCH", "/events/1", O, json=b).status_code == 422
        ok &= send(c, "PATCH", "/events/1", O, content=b"{", headers=JSON).status_code == 400
        ok &= (
            send(c, "PATCH", "/events/1", G, json={"seats": 3}).status_code == 403
            and send(c, "DELETE", "/events/1", G).status_code == 403
        )
        ok &= (
            book(c, seats=4).status_code == 201
            and send(c, "PATCH", "/events/1", O, json={"seats": 3}).status_code == 409
            and send(c, "PATCH", "/events/1", O, json={"seats": 4}).json()["free"] == 0
        )
        for s in (0, 9, "1", None, True):
            ok &= book(c, seats=s, id=2).status_code == 422
        ok &= (
            book(c, id=2, headers={"Idempotency-Key": "k" * 81}).status_code == 400
            and book(c, id=2, headers={"Idempotency-Key": "k" * 80}).status_code == 201
        )
        ok &= (
            book(c, H, id=2, headers={"Idempotency-Key": "k" * 80}).status_code == 201
            and send(c, "POST", "/events/2/bookings", G, content=b"{", headers=JSON).status_code == 400
        )
        ok &= [b["id"] for b in send(c, "GET", "/bookings", G).json()] == [1, 2] and send(
            c, "GET", "/bookings", O
        ).json() == []
        for me, x in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/bookings")):
            for i in ("9", "0", "x", "9" * 5000):
                ok &= send(c, me, f"/events/{i}{x}", O, json={"seats": 1}).status_code == 404
        ok &= (
            send(c, "DELETE", "/bookings/99", G).status_code == 404
            and send(c, "DELETE", "/bookings/x", G).status_code == 404
        )
        ok &= (
            send(c, "DELETE", "/bookings/1", G).status_code == 204
            and send(c, "DELETE", "/events/1", O).status_code == 204
            and send(c, "GET", "/events/1", G).status_code == 404
        )
        ok &= c.put("/events").status_code == 405
        return bool(ok)

    return locals()


def parcels_probes(m):
    T, B = m.HEADERS["teahouse"], m.HEADERS["bikeshed"]
    TO = {"name": "Ilse Habicht", "street": "Am Wehr 3", "zip": "37073", "city": "G\u00f6ttingen"}
    X = "/parcels/PX000000001"

    def new(c, who=T, to=None, **kw):
        return send(c, "POST", "/parcels", who, json={"recipient": {**TO, **(to or {})}, "weight_g": 850, **kw})

    def move(c, status, who=T, place="Hub"):
        return send(c, "POST", X + "/events", who, json={"status": status, "place": place})

    def price_boundary(c):
        got = [new(c, weight_g=w).json()["price_cents"] for w in (2000, 2001, 10000, 10001)]
        return got == [499, 899, 899, 1649]

    def express_by_default(c):
        r = new(c).json()
        return r["express"] is False and r["price_cents"] == 499 and new(c, express=True).json()["price_cents"] == 799

    def label_is_json(c):
        new(c)
        r = send(c, "GET", X + "/label", T)
        return (
            r.headers["content-type"].startswith("text/plain")
            and r.text == "PX000000001\nIlse Habicht\nAm Wehr 3\nDE-37073 G\u00f6ttingen"
        )

    def delivered_moves_on(c):
        new(c)
        return [move(c, s).status_code for s in ("in_transit", "in_transit", "delivered", "in_transit")] == [
            201,
            201,
            201,
            409,
        ]

    def address_after_pickup(c):
        new(c)
        a = send(c, "PATCH", X, T, json={"recipient": {**TO, "city": "Kassel"}})
        move(c, "in_transit")
        return (
            a.json()["recipient"]["city"] == "Kassel"
            and send(c, "PATCH", X, T, json={"recipient": TO}).status_code == 409
        )

    def events_newest_first(c):
        new(c)
        move(c, "in_transit", place="A")
        move(c, "in_transit", place="B")
        return [e["place"] for e in send(c, "GET", X + "/events", T).json()] == ["A", "B"]

    def offset_ignored(c):
        for _ in range(3):
            new(c)
        return [p["tracking"][-1] for p in send(c, "GET", "/parcels?limit=2&offset=2", T).json()] == ["3"]

    def zip_unchecked(c):
        return [new(c, to={"zip": z}).status_code for z in ("3707", "370731", "abcde", "37073")] == [400, 400, 400, 201]

    def status_filter_ignored(c):
        new(c)
        new(c)
        move(c, "in_transit")
        r = send(c, "GET", "/parcels?status=in_transit", T)
        return len(r.json()) == 1 and r.headers["x-total"] == "1"

    def delete_gives_200(c):
        new(c)
        r = send(c, "DELETE", X, T)
        return r.status_code == 204 and not r.content and send(c, "GET", X, T).status_code == 404

    def label_needs_no_key(c):
        new(c)
        return c.get(X + "/label").status_code == 401

    def other_shop_visible(c):
        new(c)
        return send(c, "GET", X, B).status_code == 404

    def country_null(c):
        return (
            new(c).json()["recipient"]["country"] == "DE"
            and new(c, to={"country": "FR"}).json()["recipient"]["country"] == "FR"
        )

    def status_stale(c):
        new(c)
        move(c, "in_transit")
        return send(c, "GET", X, T).json()["status"] == "in_transit"

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/parcels"),
                ("POST", "/parcels"),
                ("GET", X),
                ("PATCH", X),
                ("DELETE", X),
                ("GET", X + "/events"),
                ("POST", X + "/events"),
                ("GET", X + "/label"),
                ("GET", "/rates"),
            ]
        )
        ok &= (
            send(c, "GET", "/parcels", {"X-Carrier-Key": "no"}).status_code == 401
            and send(c, "GET", "/parcels", {"X-Carrier-Key": ""}).status_code == 401
        )
        for k, vs in {"weight_g": [0, 31501, "5", 1.5, True, None], "express": [0, "true", None], "more": [1]}.items():
            for v in vs:
                ok &= new(c, **{k: v}).status_code == 400
        for k, vs in {
            "name": ["", "x" * 51, 1, None],
            "street": ["", "x" * 81],
            "zip": ["", 37073, None, "37073\n", "3707\n"],
            "city": [""],
            "country": ["de", "IT", None],
            "x": ["y"],
        }.items():
            for v in vs:
                ok &= new(c, to={k: v}).status_code == 400
        for b in ([], 1, {}, {"weight_g": 1}, None):
            ok &= send(c, "POST", "/parcels", T, json=b).status_code == 400
        for b in JUNK:
            ok &= send(c, "POST", "/parcels", T, content=b, headers=JSON).status_code == 400
        ok &= send(c, "POST", "/parcels", T, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
        for q in ("limit=0", "limit=101", "limit=x", "limit=", "offset=-1", "status=lost", "status="):
            ok &= send(c, "GET", "/parcels?" + q, T).status_code == 400
        ok &= new(c).status_code == 201 and send(c, "GET", "/parcels", B).json() == []
        for b in ({}, {"recipient": {}}, {"recipient": TO, "weight_g": 1}):
            ok &= send(c, "PATCH", X, T, json=b).status_code == 400
        ok &= (
            send(c, "PATCH", X, T, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
            and send(c, "POST", X + "/events", T, content=b"x", headers={"content-type": "text/plain"}).status_code
            == 415
        )
        ok &= (
            move(c, "delivered").status_code == 409
            and move(c, "announced").status_code == 400
            and move(c, "in_transit", B).status_code == 404
            and move(c, "in_transit", place="").status_code == 400
        )
        ok &= (
            move(c, "in_transit").status_code == 201
            and send(c, "DELETE", X, T).status_code == 409
            and move(c, "returned").status_code == 201
        )
        ok &= send(c, "GET", X, T).json()["status"] == "returned"
        for u in ("/parcels/PX999999999", "/parcels/PX999999999/events", "/parcels/PX999999999/label"):
            ok &= send(c, "GET", u, T).status_code == 404
        for u in ("/parcels/short", "/parcels/short/events", "/parcels/short/label"):
            ok &= send(c, "GET", u, T).status_code == 400
        ok &= (
            send(c, "PATCH", X, B, json={"recipient": TO}).status_code == 404
            and send(c, "DELETE", X, B).status_code == 404
        )
        ok &= (
            send(c, "PATCH", "/parcels/short", T, json={"recipient": TO}).status_code == 400
            and send(c, "DELETE", "/parcels/short", T).status_code == 400
        )
        ok &= send(c, "GET", "/rates?weight_g=10001&express=true", T).json() == {"price_cents": 1949} and send(
            c, "GET", "/rates?weight_g=1", T
        ).json() == {"price_cents": 499}
        for q in ("", "?weight_g=", "?weight_g=0", "?weight_g=1.5", "?weight_g=1&express=maybe", "?express=true"):
            ok &= send(c, "GET", "/rates" + q, T).status_code == 400
        return bool(ok)

    return locals()


if __name__ == "__main__":
    sys.exit(
        main([("server_recipes", recipes_probes), ("server_events", events_probes), ("server_parcels", parcels_probes)])
    )
