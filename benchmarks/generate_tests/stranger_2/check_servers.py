"""Proves that each server is right with fault=None and shows each fault. Run: python check_servers.py"""

import sys

from checklib import ISO, main, send


# every probe returns True when the behaviour is RIGHT
def tools_probes(m):
    A, B = m.HEADERS["anna"], m.HEADERS["ben"]

    def new(c, n=1, **kw):
        out = None
        for i in range(n):
            out = send(c, "POST", "/tools", A, json={"name": f"saw {i}", "kind": "hand", **kw})
        return out

    def create_status_200(c):
        r = new(c)
        return r.status_code == 201 and r.headers["location"] == "/tools/1"

    def patch_not_saved(c):
        new(c)
        r = send(c, "PATCH", "/tools/1", B, json={"note": "dull"})
        return r.json()["note"] == "dull" and send(c, "GET", "/tools/1", A).json() == r.json()

    def kind_filter_ignored(c):
        new(c)
        new(c, kind="garden")
        r = send(c, "GET", "/tools", A, params={"kind": "garden"})
        return [t["id"] for t in r.json()["items"]] == [2] and r.headers["x-total-count"] == "1"

    def page_overlap(c):
        new(c, 5)
        ids = [
            t["id"]
            for o in (0, 2, 4)
            for t in send(c, "GET", "/tools", A, params={"limit": 2, "offset": o}).json()["items"]
        ]
        return ids == [1, 2, 3, 4, 5]

    def foreign_loan_visible(c):
        new(c)
        assert send(c, "POST", "/loans", A, json={"tool_id": 1, "due": "2027-01-01"}).status_code == 201
        return send(c, "GET", "/loans/1", A).status_code == 200 and send(c, "GET", "/loans/1", B).status_code == 404

    def delete_lent_tool(c):
        new(c)
        send(c, "POST", "/loans", A, json={"tool_id": 1, "due": "2027-01-01"})
        return send(c, "DELETE", "/tools/1", A).status_code == 409

    def deposit_as_text(c):
        return new(c, deposit_cents=500).json()["deposit_cents"] == 500

    def created_at_no_zone(c):
        new(c)
        return bool(
            ISO.fullmatch(send(c, "POST", "/loans", A, json={"tool_id": 1, "due": "2027-01-01"}).json()["created_at"])
        )

    def patch_without_token(c):
        new(c)
        return send(c, "PATCH", "/tools/1", json={"note": "x"}).status_code == 401

    def long_name_500(c):
        return new(c, name="x" * 80).status_code == 201 and new(c, name="x" * 81).status_code == 422

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/tools"),
                ("POST", "/tools"),
                ("GET", "/tools/1"),
                ("PATCH", "/tools/1"),
                ("DELETE", "/tools/1"),
                ("GET", "/loans"),
                ("POST", "/loans"),
                ("GET", "/loans/1"),
                ("POST", "/loans/1/return"),
            ]
        )
        ok &= send(c, "GET", "/tools", {"Authorization": "Bearer no"}).status_code == 401
        for bad in (
            {},
            [],
            None,
            {"name": "x"},
            {"name": "", "kind": "hand"},
            {"name": 1, "kind": "hand"},
            {"name": "x", "kind": "Hand"},
            {"name": "x", "kind": "hand", "deposit_cents": -1},
            {"name": "x", "kind": "hand", "deposit_cents": True},
            {"name": "x", "kind": "hand", "deposit_cents": "5"},
            {"name": "x", "kind": "hand", "deposit_cents": 1.5},
            {"name": "x", "kind": "hand", "note": 4},
            {"name": "x", "kind": "hand", "more": 1},
            {"name": None, "kind": "hand"},
            {"name": "x", "kind": "hand", "note": "n" * 201},
        ):
            ok &= send(c, "POST", "/tools", A, json=bad).status_code == 422
        for body in (b"{", b"\xff\xfe\x00", b"[" * 100000, b'{"name": NaN, "kind": "hand"}'):
            ok &= send(
                c, "POST", "/tools", A, content=body, headers={"content-type": "application/json"}
            ).status_code in (400, 422)
        ok &= send(c, "POST", "/tools", A, content=b"x=1").status_code == 422
        for q in (
            "limit=0",
            "limit=51",
            "limit=x",
            "limit=",
            "limit=1.0",
            "offset=-1",
            "offset=100001",
            "kind=x",
            "kind=",
        ):
            r = send(c, "GET", "/tools?" + q, A)
            ok &= r.status_code == 422 and isinstance(r.json()["detail"], str)
        ok &= new(c, deposit_cents=5.0, note=None).json() == {
            "id": 1,
            "name": "saw 0",
            "kind": "hand",
            "deposit_cents": 5,
            "note": None,
            "lent_out": False,
        }
        ok &= send(c, "PATCH", "/tools/1", A, json={}).status_code == 422
        ok &= send(c, "PATCH", "/tools/1", A, json={"kind": None}).status_code == 422
        ok &= send(c, "PATCH", "/tools/1", A, json={"note": None, "kind": "power"}).json()["kind"] == "power"
        ok &= (
            send(c, "GET", "/tools/0", A).status_code == 422
            and send(c, "GET", "/tools/9", A).status_code == 404
            and send(c, "GET", "/tools/a", A).status_code == 422
        )
        for bad in ("2027-02-30", "27-1-1", "2027-01-01T00:00:00", 5, "2027-01-01\n"):
            ok &= send(c, "POST", "/loans", A, json={"tool_id": 1, "due": bad}).status_code == 422
        ok &= send(c, "POST", "/loans", A, json={"tool_id": 7, "due": "2027-01-01"}).status_code == 404
        ok &= send(c, "POST", "/loans", B, json={"tool_id": 1, "due": "2027-01-01"}).status_code == 201
        ok &= send(c, "POST", "/loans", A, json={"tool_id": 1, "due": "2027-01-01"}).status_code == 409
        ok &= send(c, "GET", "/tools/1", A).json()["lent_out"] is True
        ok &= send(c, "GET", "/loans", A).json() == [] and len(send(c, "GET", "/loans", B).json()) == 1
        ok &= (
            send(c, "GET", "/loans?open=false", B).json() == []
            and len(send(c, "GET", "/loans?open=true", B).json()) == 1
            and send(c, "GET", "/loans?open=1", B).status_code == 422
        )
        ok &= send(c, "POST", "/loans/1/return", A).status_code == 404
        ok &= bool(ISO.fullmatch(send(c, "POST", "/loans/1/return", B).json()["returned_at"]))
        ok &= send(c, "POST", "/loans/1/return", B).status_code == 409
        r = send(c, "DELETE", "/tools/1", A)
        ok &= r.status_code == 204 and not r.content and send(c, "GET", "/tools/1", A).status_code == 404
        return ok

    return locals()


def stations_probes(m):
    W, R = m.HEADERS["writer"], m.HEADERS["reader"]

    def new(c, code="OSL01"):
        return send(c, "POST", "/stations", W, json={"code": code, "label": "roof", "altitude_m": 97})

    def read(c, **kw):
        return send(c, "POST", "/stations/OSL01/readings", W, json=kw)

    def reader_may_delete(c):
        new(c)
        return send(c, "DELETE", "/stations/OSL01", R).status_code == 403

    def any_key(c):
        return send(c, "GET", "/stations", {"X-Api-Key": "guess"}).status_code == 401

    def summary_stale(c):
        new(c)
        read(c, temp_c=1)
        a = send(c, "GET", "/stations/OSL01/summary", R).json()
        read(c, temp_c=-2.5)
        return a == {"count": 1, "min_c": 1, "max_c": 1} and send(c, "GET", "/stations/OSL01/summary", R).json() == {
            "count": 2,
            "min_c": -2.5,
            "max_c": 1,
        }

    def temp_unchecked(c):
        new(c)
        return (
            read(c, temp_c=60.5).status_code == 400
            and read(c, temp_c=-81).status_code == 400
            and read(c, temp_c=60).status_code == 201
        )

    def delete_keeps_readings(c):
        new(c)
        read(c, temp_c=3)
        send(c, "DELETE", "/stations/OSL01", W)
        new(c)
        return send(c, "GET", "/stations/OSL01/readings", R).json()["total"] == 0

    def per_page_default_10(c):
        for i in range(12):
            new(c, f"ABC{i:02}")
        r = send(c, "GET", "/stations", R).json()
        return r["per_page"] == 25 and len(r["items"]) == 12

    def if_match_ignored(c):
        new(c)
        p = {"label": "x", "altitude_m": 1}
        a = send(c, "PUT", "/stations/OSL01", W, json=p, headers={"If-Match": '"7"'}).status_code
        return a == 412 and send(c, "PUT", "/stations/OSL01", W, json=p, headers={"If-Match": '"1"'}).status_code == 200

    def version_stuck(c):
        new(c)
        r = send(c, "PUT", "/stations/OSL01", W, json={"label": "x", "altitude_m": 1})
        return r.json()["version"] == 2 and r.headers["etag"] == '"2"'

    def humidity_zero_null(c):
        new(c)
        return read(c, temp_c=1, humidity=0).json()["humidity"] == 0

    def put_unknown_500(c):
        return send(c, "PUT", "/stations/XXX99", W, json={"label": "x", "altitude_m": 1}).status_code == 404

    def no_etag(c):
        new(c)
        return send(c, "GET", "/stations/OSL01", R).headers.get("etag") == '"1"'

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/stations"),
                ("POST", "/stations"),
                ("GET", "/stations/OSL01"),
                ("PUT", "/stations/OSL01"),
                ("DELETE", "/stations/OSL01"),
                ("GET", "/stations/OSL01/readings"),
                ("POST", "/stations/OSL01/readings"),
                ("GET", "/stations/OSL01/summary"),
            ]
        )
        r = new(c)
        ok &= (
            r.status_code == 201
            and r.headers["location"] == "/stations/OSL01"
            and r.headers["etag"] == '"1"'
            and new(c).status_code == 409
        )
        ok &= (
            send(c, "POST", "/stations", R, json={}).status_code == 403
            and send(c, "PUT", "/stations/OSL01", R, json={}).status_code == 403
            and send(c, "POST", "/stations/OSL01/readings", R, json={}).status_code == 403
        )
        for bad in (
            {},
            [],
            None,
            3,
            {"code": "osl01", "label": "x", "altitude_m": 1},
            {"code": "OSL011", "label": "x", "altitude_m": 1},
            {"code": "OSL02", "label": "", "altitude_m": 1},
            {"code": "OSL02", "label": "x" * 61, "altitude_m": 1},
            {"code": "OSL02", "label": "x", "altitude_m": 1.5},
            {"code": "OSL02", "label": "x", "altitude_m": True},
            {"code": "OSL02", "label": "x", "altitude_m": 9001},
            {"code": "OSL02", "label": None, "altitude_m": 1},
            {"code": "OSL02", "label": "x", "altitude_m": 1, "z": 1},
            {"code": "OSL02\n", "label": "x", "altitude_m": 1},
        ):
            r = send(c, "POST", "/stations", W, json=bad)
            ok &= r.status_code == 400 and "error" in r.json()
        for body in (
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100000,
            b'{"temp_c": NaN}',
            b'{"temp_c": 1e999}',
            b'{"temp_c": 1, "humidity": 1e999}',
            b'{"temp_c": 1' + b"0" * 400 + b"}",
        ):
            ok &= (
                send(
                    c, "POST", "/stations/OSL01/readings", W, content=body, headers={"content-type": "application/json"}
                ).status_code
                == 400
            )
        ok &= send(c, "POST", "/stations", W, content=b"{}").status_code == 400
        ok &= (
            read(c, temp_c=20.5, humidity=None).json()["humidity"] is None
            and read(c, temp_c=1, humidity=101).status_code == 400
            and read(c, temp_c="1").status_code == 400
        )
        read(c, temp_c=5, humidity=40.0)
        r = send(c, "GET", "/stations/OSL01/readings?min_temp=20.5", R).json()
        ok &= r["total"] == 1 and r["items"][0]["temp_c"] == 20.5 and bool(ISO.fullmatch(r["items"][0]["at"]))
        for q in (
            "page=0",
            "page=",
            "page=x",
            "per_page=101",
            "per_page=0",
            "min_temp=61",
            "min_temp=nan",
            "min_temp=warm",
            "min_temp=",
        ):
            ok &= send(c, "GET", "/stations/OSL01/readings?" + q, R).status_code == 400
        ok &= (
            send(c, "GET", "/stations/OSL01/readings?min_temp=-1e1&page=2&per_page=1", R).json()["items"][0]["number"]
            == 2
        )
        new(c, "AAA00")
        ok &= [s["code"] for s in send(c, "GET", "/stations", R).json()["items"]] == ["AAA00", "OSL01"] and send(
            c, "GET", "/stations?page=9", R
        ).json()["items"] == []
        ok &= send(c, "GET", "/stations/AAA00/summary", R).json() == {"count": 0, "min_c": None, "max_c": None}
        for u in ("", "/readings", "/summary"):
            ok &= (
                send(c, "GET", "/stations/NO" + u, R).status_code == 404
                and send(c, "GET", "/stations/BBB00" + u, R).status_code == 404
            )
        r = send(c, "DELETE", "/stations/AAA00", W)
        ok &= r.status_code == 204 and not r.content and send(c, "DELETE", "/stations/AAA00", W).status_code == 404
        ok &= send(c, "GET", "/stations/OSL01/", R).json() and send(c, "PATCH", "/stations/OSL01", W).status_code == 405
        return bool(ok)

    return locals()


def vet_probes(m):
    O, P = m.HEADERS["olga"], m.HEADERS["pim"]
    MITZI = {"name": "Mitzi", "species": "cat", "born": "2021-05-30", "weight_kg": 3.9, "chip": "276098104455123"}

    def new(c, n=1, who=O, **kw):
        out = None
        for _ in range(n):
            out = send(c, "POST", "/pets", who, json={**MITZI, **kw})
        return out

    def put_loses_chip(c):
        new(c)
        r = send(c, "PUT", "/pets/1", O, json={**MITZI, "weight_kg": 4})
        return r.json() == {"id": 1, **MITZI, "weight_kg": 4} and send(c, "GET", "/pets/1", O).json() == r.json()

    def search_case(c):
        new(c)
        new(c, name="Rex")
        return send(c, "GET", "/pets?q=mIT", O).json()["count"] == 1

    def page_size_unbounded(c):
        return send(c, "GET", "/pets?page_size=51", O).status_code == 400

    def foreign_pet_readable(c):
        new(c)
        return send(c, "GET", "/pets/1", P).status_code == 404

    def born_german_date(c):
        return new(c).json()["born"] == "2021-05-30"

    def done_reopens(c):
        new(c)
        send(c, "POST", "/pets/1/visits", O, json={"day": "2027-01-01"})
        a = send(c, "PATCH", "/visits/1", O, json={"status": "done"})
        return (
            a.json()["status"] == "done"
            and send(c, "PATCH", "/visits/1", O, json={"status": "cancelled"}).status_code == 409
        )

    def next_never_null(c):
        new(c, 3)
        a, b = (send(c, "GET", f"/pets?page_size=2&page={i}", O).json() for i in (1, 2))
        return (a["next"], a["previous"], b["next"], b["previous"]) == (2, None, None, 1)

    def zero_weight(c):
        return new(c, weight_kg=0).status_code == 400 and new(c, weight_kg=0.01).status_code == 201

    def strange_token_500(c):
        return send(c, "GET", "/pets", {"Authorization": "Token zz-top"}).status_code == 401

    def delete_does_nothing(c):
        new(c)
        r = send(c, "DELETE", "/pets/1", O)
        return r.status_code == 204 and send(c, "GET", "/pets/1", O).status_code == 404

    def visit_note_too_strict(c):
        new(c)
        return send(c, "POST", "/pets/1/visits", O, json={"day": "2027-01-01", "note": "n" * 300}).status_code == 201

    def general(c):
        ok = all(
            send(c, *a).status_code == 401
            for a in [
                ("GET", "/pets"),
                ("POST", "/pets"),
                ("GET", "/pets/1"),
                ("PUT", "/pets/1"),
                ("DELETE", "/pets/1"),
                ("GET", "/pets/1/visits"),
                ("POST", "/pets/1/visits"),
                ("GET", "/visits/1"),
                ("PATCH", "/visits/1"),
            ]
        )
        ok &= (
            send(c, "GET", "/pets", {"Authorization": "Token f00dcafe03"}).status_code == 401
            and send(c, "GET", "/pets", {"Authorization": "Bearer f00dcafe01"}).status_code == 401
        )
        for k, vals in {
            "name": ["", "x" * 41, 1, None],
            "species": ["Cat", None, 1],
            "born": ["30.05.2021", "2021-02-30", 5, "", "2021-05-30T00:00:00Z"],
            "weight_kg": [-1, 150.1, "3", True, None],
            "chip": ["1", "", 276098104455123, "27609810445512x", "276098104455123\n"],
        }.items():
            for v in vals:
                r = new(c, **{k: v})
                ok &= r.status_code == 400 and all(isinstance(x, (str, list)) for x in r.json().values())
        for body in ([], None, 1, {}, {"name": "x"}, {**MITZI, "more": 1}):
            ok &= send(c, "POST", "/pets", O, json=body).status_code == 400
        for body in (b"{", b"\xff\xfe\x00", b"[" * 100000, b'{"name": NaN}', b""):
            ok &= (
                send(c, "POST", "/pets", O, content=body, headers={"content-type": "application/json"}).status_code
                == 400
            )
        ok &= (
            send(
                c, "POST", "/pets", O, content=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"}
            ).status_code
            == 415
        )
        ok &= send(c, "POST", "/pets", O, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
        r = send(c, "POST", "/pets", O, json={"name": "\u00fc\U0001f600", "species": "bird", "weight_kg": 1})
        ok &= r.status_code == 201 and r.json() == {
            "id": 1,
            "name": "\u00fc\U0001f600",
            "species": "bird",
            "born": None,
            "weight_kg": 1,
            "chip": None,
        }
        ok &= send(c, "GET", "/pets?format=xml", O, headers={"accept": "text/html"}).status_code == 200
        new(c)
        new(c, who=P)
        ok &= (
            send(c, "GET", "/pets", O).json()["count"] == 2
            and send(c, "GET", "/pets?species=cat", O).json()["count"] == 1
        )
        for q in ("page=0", "page=", "page=x", "page_size=0", "species=cow", "species=", "q=" + "x" * 41):
            ok &= send(c, "GET", "/pets?" + q, O).status_code == 400
        ok &= send(c, "GET", "/pets?page=9", O).json()["results"] == []
        ok &= send(c, "PUT", "/pets/2", O, json={"name": "M", "species": "cat", "weight_kg": 2}).json()["chip"] is None
        for me, u in (
            ("PUT", "/pets/3"),
            ("DELETE", "/pets/3"),
            ("GET", "/pets/3/visits"),
            ("POST", "/pets/3/visits"),
            ("GET", "/pets/0"),
            ("GET", "/pets/x"),
            ("GET", "/pets/" + "9" * 5000),
            ("GET", "/visits/1"),
        ):
            ok &= send(c, me, u, O, json=MITZI).status_code == 404
        for day in ("2027-01-01", "2027-03-01"):
            send(c, "POST", "/pets/2/visits", O, json={"day": day})
        ok &= send(c, "GET", "/visits/1", O).json() == {
            "id": 1,
            "pet": 2,
            "day": "2027-01-01",
            "note": "",
            "status": "booked",
        }
        ok &= [v["id"] for v in send(c, "GET", "/pets/2/visits?since=2027-03-01", O).json()] == [2] and send(
            c, "GET", "/pets/2/visits?since=soon", O
        ).status_code == 400
        ok &= (
            send(c, "PATCH", "/visits/1", O, json={"status": "booked"}).status_code == 400
            and send(c, "PATCH", "/visits/1", P, json={"status": "done"}).status_code == 404
        )
        ok &= send(c, "PATCH", "/visits/1", O, json={"status": "cancelled"}).json()["status"] == "cancelled"
        ok &= [v["id"] for v in send(c, "GET", "/pets/2/visits?status=cancelled", O).json()] == [1] and send(
            c, "GET", "/pets/2/visits?status=no", O
        ).status_code == 400
        ok &= (
            send(c, "POST", "/pets/2/visits", O, json={"day": "2027-01-01", "note": "n" * 301}).status_code == 400
            and send(c, "POST", "/pets/2/visits", O, json={"day": "2027-01-01", "note": None}).status_code == 400
        )
        send(c, "DELETE", "/pets/2", O)
        ok &= send(c, "GET", "/visits/1", O).status_code == 404
        return ok

    return locals()


if __name__ == "__main__":
    sys.exit(main([("server_tools", tools_probes), ("server_stations", stations_probes), ("server_vet", vet_probes)]))
