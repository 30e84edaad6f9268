"""Shows right and faulty behaviour of every fault over a socket; checks every answer of the right servers against SPEC."""

import itertools
import sys
import uuid

from checklib import main, send

fresh = itertools.count(1)


def podcasts(m):
    nora, tobias = m.HEADERS["nora"], m.HEADERS["tobias"]

    def show(c, who=nora, **kw):
        r = send(c, "POST", "/shows", who, json={"slug": f"show-{next(fresh):05}", "title": "Night Trains", **kw})
        assert r.status_code == 201, r.text
        return r.json()

    def episode(c, s, who=nora, **kw):
        r = send(
            c, "POST", f"/shows/{s['slug']}/episodes", who, json={"title": "Vienna to Rome", "duration_s": 60, **kw}
        )
        assert r.status_code == 201, r.text
        return r.json()

    def slugs(c, **q):
        return [s["slug"] for s in send(c, "GET", "/shows", params=q).json()["items"]]

    def q_case(c):
        s = show(c, title="Quiet Rivers")
        return s["slug"] in slugs(c, q="quiet rIVERS")

    def paging(c):
        made = sorted(show(c)["slug"] for _ in range(5))
        pages = [send(c, "GET", "/shows", params={"page": p, "size": 2}).json() for p in (1, 2, 3, 4)]
        return [s["slug"] for p in pages for s in p["items"]] == made and {p["total"] for p in pages} == {5}

    def taken(c):
        s = show(c, title="First")
        r = send(c, "POST", "/shows", tobias, json={"slug": s["slug"], "title": "Second"})
        return r.status_code == 409 and send(c, "GET", f"/shows/{s['slug']}").json() == s

    def patch(c):
        s = show(c, language="fr", explicit=True, description="x")
        r = send(c, "PATCH", f"/shows/{s['slug']}", nora, json={"title": "New"})
        return (
            r.status_code == 200 and r.json() == {**s, "title": "New"} == send(c, "GET", f"/shows/{s['slug']}").json()
        )

    def foreign_draft(c):
        e = episode(c, show(c))
        return (
            send(c, "GET", f"/episodes/{e['id']}", nora).status_code == 200
            and send(c, "GET", f"/episodes/{e['id']}", tobias).status_code == 404
        )

    def twice(c):
        e = episode(c, show(c))
        a = send(c, "POST", f"/episodes/{e['id']}/publish", nora)
        b = send(c, "POST", f"/episodes/{e['id']}/publish", nora)
        return (a.status_code, b.status_code) == (200, 409) and send(
            c, "GET", f"/episodes/{e['id']}", tobias
        ).json() == a.json()

    def numbers(c):
        s = show(c)
        episode(c, s)
        last = episode(c, s)
        send(c, "DELETE", f"/episodes/{last['id']}", nora)
        return last["number"] == 2 and episode(c, s)["number"] == 3

    def counts(c):
        s = show(c)
        a, _ = episode(c, s, duration_s=100), episode(c, s, duration_s=7)
        send(c, "POST", f"/episodes/{a['id']}/publish", nora)
        s = send(c, "GET", f"/shows/{s['slug']}").json()
        return (s["episode_count"], s["total_duration_s"]) == (1, 100)

    def gone(c):
        s = show(c)
        e = episode(c, s)
        r = send(c, "DELETE", f"/shows/{s['slug']}", nora)
        return r.status_code == 204 and send(c, "GET", f"/episodes/{e['id']}", nora).status_code == 404

    def general(c):
        def is_(code, *a, **kw):
            r = send(c, *a, **kw)
            assert r.status_code == code, (code, r.status_code, a, kw, r.text)
            return r

        S = "/shows"
        r = is_(201, "POST", S, nora, json={"slug": "abc", "title": "T"})
        s = r.json()
        assert r.headers["location"] == "/shows/abc" and (
            s["language"],
            s["explicit"],
            s["description"],
            s["owner"],
        ) == ("en", False, None, "nora")
        for bad in (
            {"slug": "x"},
            {"slug": "AB-c", "title": "T"},
            {"slug": "abc\n", "title": "T"},
            {"slug": "a" * 41, "title": "T"},
            {"slug": "ok-1", "title": ""},
            {"slug": "ok-1", "title": "x" * 121},
            {"slug": "ok-1", "title": 5},
            {"slug": "ok-1", "title": "T", "explicit": "yes"},
            {"slug": "ok-1", "title": "T", "explicit": 1},
            {"slug": "ok-1", "title": "T", "language": "es"},
            {"slug": "ok-1", "title": "T", "language": None},
            {"slug": "ok-1", "title": "T", "owner": "x"},
            {"slug": "ok-1", "title": "T", "description": "x" * 1001},
            {"slug": "ok-1", "title": None},
            [],
            None,
            "x",
            {"slug": "ok-1", "title": "T", "\ud800": 1},
        ):
            import json

            is_(422, "POST", S, nora, content=json.dumps(bad).encode(), headers={"content-type": "application/json"})
        for raw in (b"{", b"\xff\xfe\xfd", b"", b"[" * 90000, b'{"slug": "ok-1", "title": "\\ud800"}', b"1" * 6000):
            is_(422, "POST", S, nora, content=raw, headers={"content-type": "application/json"})
            is_(401, "POST", S, content=raw, headers={"content-type": "application/json"})
            is_(
                401,
                "POST",
                S + "/abc/episodes",
                {"Authorization": "Bearer nope"},
                content=raw,
                headers={"content-type": "application/json"},
            )
        is_(422, "POST", S, nora, content=b"slug=ok-1", headers={"content-type": "application/x-www-form-urlencoded"})
        assert slugs(c) == ["abc"]
        for h in (
            {},
            {"Authorization": "Bearer nope"},
            {"Authorization": "Basic eDp5"},
            {"Authorization": "aw_nora_5f1c"},
            {"Authorization": "Bearer"},
        ):
            for a in (
                ("POST", S),
                ("PATCH", S + "/abc"),
                ("DELETE", S + "/abc"),
                ("POST", S + "/abc/episodes"),
                ("GET", S + "/abc/episodes"),
                ("GET", "/episodes/1"),
                ("GET", "/episodes/x"),
                ("POST", "/episodes/1/publish"),
                ("DELETE", "/episodes/1"),
            ):
                assert (
                    is_(401, *a, h, **({"json": {}} if a[0] in ("POST", "PATCH") else {})).headers["www-authenticate"]
                    == "Bearer"
                )
        is_(200, "GET", S)
        is_(200, "GET", S + "/abc")
        for q in ("page=0", "page=x", "page=", "size=0", "size=101", "language=es", "language=", "q=", "q=" + "x" * 51):
            is_(422, "GET", f"{S}?{q}")
        for q in ("page=99999999999999999999", "size=100", "q='%25%00", "q=%ff", "other=1", "language=fr"):
            assert is_(200, "GET", f"{S}?{q}").json()["items"] == ([s] if q in ("size=100", "other=1") else [])
        show(c, tobias, slug="aaa", title="Der Zug", language="de")
        assert (
            slugs(c) == ["aaa", "abc"]
            and slugs(c, language="de") == ["aaa"]
            and slugs(c, q="zug", language="en") == []
            and slugs(c, q="T") == ["abc"]
        )
        for a in (
            ("GET", S + "/nix"),
            ("GET", S + "/a%2Fb"),
            ("GET", S + "/"),
            ("PATCH", S + "/nix"),
            ("DELETE", S + "/nix"),
            ("POST", S + "/nix/episodes"),
            ("GET", S + "/nix/episodes"),
            ("GET", "/episodes/999"),
            ("POST", "/episodes/999/publish"),
            ("DELETE", "/episodes/99999999999999999999"),
        ):
            is_(
                404,
                *a,
                nora,
                **(
                    {"json": {"title": "x", **({"duration_s": 1} if a[0] == "POST" else {})}}
                    if a[0] in ("POST", "PATCH")
                    else {}
                ),
            )
        for a in (
            ("GET", "/episodes/x"),
            ("GET", "/episodes/0"),
            ("POST", "/episodes/-1/publish"),
            ("DELETE", "/episodes/x"),
        ):
            is_(422, *a, nora)
        is_(405, "PUT", S + "/abc", nora, json={})
        assert is_(200, "PATCH", S + "/abc", nora, json={}).json() == s
        assert is_(200, "PATCH", S + "/abc", nora, json={"description": "d", "explicit": True}).json() == {
            **s,
            "description": "d",
            "explicit": True,
        }
        assert is_(200, "PATCH", S + "/abc", nora, json={"description": None, "language": "de"}).json() == {
            **s,
            "explicit": True,
            "language": "de",
        }
        for bad in ({"title": None}, {"title": ""}, {"language": None}, {"explicit": None}, {"slug": "new"}, []):
            is_(422, "PATCH", S + "/abc", nora, json=bad)
        is_(403, "PATCH", S + "/abc", tobias, json={"title": "mine"})
        is_(403, "DELETE", S + "/abc", tobias)
        E = S + "/abc/episodes"
        for bad in (
            {"title": "x"},
            {"title": "x", "duration_s": 0},
            {"title": "x", "duration_s": 86401},
            {"title": "x", "duration_s": "60"},
            {"title": "x", "duration_s": 1.5},
            {"title": "x", "duration_s": True},
            {"title": "x", "duration_s": None},
            {"title": "", "duration_s": 5},
            {"title": "x", "duration_s": 5, "state": "published"},
        ):
            is_(422, "POST", E, nora, json=bad)
        is_(403, "POST", E, tobias, json={"title": "x", "duration_s": 1})
        e1 = is_(201, "POST", E, nora, json={"title": "one", "duration_s": 86400}).json()
        e2 = is_(201, "POST", E, nora, json={"title": "two", "duration_s": 1.0}).json()
        assert (e1["number"], e1["state"], e1["published_at"], e1["show"], e2["number"]) == (1, "draft", None, "abc", 2)
        ids = lambda who, **q: [e["id"] for e in is_(200, "GET", E, who, params=q).json()["items"]]  # noqa: E731
        assert ids(nora) == [e2["id"], e1["id"]] and ids(tobias) == [] and ids(nora, max_duration_s=1) == [e2["id"]]
        is_(404, "POST", f"/episodes/{e1['id']}/publish", tobias)
        is_(404, "DELETE", f"/episodes/{e1['id']}", tobias)
        p = is_(200, "POST", f"/episodes/{e1['id']}/publish", nora).json()
        assert (
            p["state"] == "published"
            and p["published_at"]
            and is_(200, "GET", f"/episodes/{e1['id']}", tobias).json() == p
        )
        assert (
            ids(tobias) == [e1["id"]] == ids(nora, state="published")
            and ids(tobias, state="draft") == []
            and ids(nora, state="draft") == [e2["id"]]
        )
        for q in ("state=x", "max_duration_s=0", "max_duration_s=x"):
            is_(422, "GET", f"{E}?{q}", nora)
        is_(403, "POST", f"/episodes/{e1['id']}/publish", tobias)
        is_(403, "DELETE", f"/episodes/{e1['id']}", tobias)
        is_(409, "DELETE", f"/episodes/{e1['id']}", nora)
        is_(409, "DELETE", S + "/abc", nora)
        is_(204, "DELETE", f"/episodes/{e2['id']}", nora)
        is_(404, "GET", f"/episodes/{e2['id']}", nora)
        is_(204, "DELETE", S + "/aaa", tobias)
        is_(404, "GET", S + "/aaa")
        is_(201, "POST", S, nora, json={"slug": "aaa", "title": "again"})
        return True

    return {
        "general": general,
        "explicit_by_default": lambda c: show(c)["explicit"] is False,
        "q_case_sensitive": q_case,
        "page_skips_one": paging,
        "slug_taken_ok": taken,
        "patch_resets_rest": patch,
        "drafts_visible": foreign_draft,
        "publish_again_ok": twice,
        "number_reused": numbers,
        "drafts_counted": counts,
        "drafts_outlive_show": gone,
    }


def samples(m):
    ines, omar, reva = (m.HEADERS[k] for k in ("ines", "omar", "reva"))

    def sample(c, who=ines, **kw):
        r = send(
            c,
            "POST",
            "/samples",
            who,
            json={"code": f"WB-{next(fresh):04}", "material": "water", "collected_on": "2026-03-14", **kw},
        )
        assert r.status_code == 201, r.text
        return r.json()

    def measure(c, s, *values, analyte="lead"):
        return [
            send(c, "POST", f"/samples/{s['id']}/measurements", ines, json={"analyte": analyte, "value": v}).status_code
            for v in values
        ]

    def decide(c, s, who=reva, **kw):
        return send(c, "POST", f"/samples/{s['id']}/decision", who, json=kw)

    def codes(c, **q):
        return [s["code"] for s in send(c, "GET", "/samples", ines, params=q).json()["samples"]]

    def put(c):
        s = sample(c, comment="old", priority="urgent")
        r = send(c, "PUT", f"/samples/{s['id']}", ines, json={k: s[k] for k in ("code", "material", "collected_on")})
        return (
            r.status_code == 200
            and r.json()
            == {**s, "comment": None, "priority": "normal"}
            == send(c, "GET", f"/samples/{s['id']}", ines).json()
        )

    def until(c):
        a, b, _ = (sample(c, collected_on=f"2026-01-0{d}")["code"] for d in (1, 2, 3))
        return codes(c, collected_to="2026-01-02") == [a, b]

    def descending(c):
        made = [sample(c, collected_on=f"2026-01-0{d}")["code"] for d in (1, 2, 3)]
        return codes(c, sort="-collected_on") == made[::-1]

    def total(c):
        for _ in range(3):
            sample(c)
        return send(c, "GET", "/samples", ines, params={"limit": 2}).json()["total"] == 3

    def mean(c):
        s = sample(c)
        measure(c, s, 4, 4.25, 4.25)
        return send(c, "GET", f"/samples/{s['id']}/summary", ines, params={"analyte": "lead"}).json() == {
            "analyte": "lead",
            "count": 3,
            "min": 4,
            "max": 4.25,
            "mean": 4.167,
        }

    def role(c):
        s = sample(c)
        measure(c, s, 1)
        return (
            decide(c, s, ines, verdict="approve").status_code == 403
            and send(c, "GET", f"/samples/{s['id']}", ines).json()["state"] == "measuring"
        )

    def reason(c):
        s = sample(c)
        measure(c, s, 1)
        return (
            decide(c, s, verdict="reject").status_code == 400
            and send(c, "GET", f"/samples/{s['id']}", ines).json()["state"] == "measuring"
        )

    def late(c):
        out = []
        for kw in ({"verdict": "approve"}, {"verdict": "reject", "reason": "open"}):
            s = sample(c)
            measure(c, s, 1)
            assert decide(c, s, **kw).status_code == 200
            out += measure(c, s, 2)
        return out == [409, 409]

    def empty(c):
        s = sample(c)
        r = send(c, "GET", f"/samples/{s['id']}/summary", ines, params={"analyte": "ph"})
        return r.status_code == 200 and r.json() == {
            "analyte": "ph",
            "count": 0,
            "min": None,
            "max": None,
            "mean": None,
        }

    def code(c):
        return (
            send(
                c, "POST", "/samples", ines, json={"code": "AB-12345", "material": "soil", "collected_on": "2026-01-01"}
            ).status_code
            == 400
        )

    def general(c):
        def is_(code, *a, **kw):
            r = send(c, *a, **kw)
            assert r.status_code == code, (code, r.status_code, a, kw, r.text)
            return r

        S, ok = "/samples", {"code": "AA-0001", "material": "soil", "collected_on": "2024-02-29"}
        r = is_(201, "POST", S, ines, json=ok)
        s = r.json()
        P = f"{S}/{s['id']}"
        assert r.headers["location"] == P
        assert {k: v for k, v in s.items() if k not in ("id", "registered_at")} == {
            **ok,
            "priority": "normal",
            "comment": None,
            "state": "registered",
            "technician": "ines",
            "decided_by": None,
            "reason": None,
        }
        is_(409, "POST", S, omar, json=ok)
        is_(403, "POST", S, reva, json=ok)
        for bad in (
            {"code": "aa-0001"},
            {"code": "AA-0001\n"},
            {"code": "AA-٠٠٠١"},
            {"code": 5},
            {"code": None},
            {"material": "air"},
            {"material": []},
            {"collected_on": "2026-02-30"},
            {"collected_on": "2026-2-3"},
            {"collected_on": "20260203"},
            {"collected_on": None},
            {"priority": "high"},
            {"priority": None},
            {"comment": "x" * 201},
            {"comment": 5},
            {"state": "approved"},
        ):
            is_(400, "POST", S, ines, json={**ok, "code": "AA-0002", **bad})
            is_(400, "PUT", P, ines, json={**ok, **bad})
        for k in ok:
            is_(400, "POST", S, ines, json={x: v for x, v in ok.items() if x != k})
        for raw in (b"{", b"", b"\xff\xfe\xfd", b"[]", b"null", b'"x"', b"[" * 90000, b"1" * 6000):
            is_(400, "POST", S, ines, content=raw, headers={"content-type": "application/json"})
        is_(400, "POST", S, ines, content=b"code=x", headers={"content-type": "text/plain"})
        for h in ({}, {"X-Lab-Key": "nope"}, {"X-Lab-Key": ""}, {"X-Lab-Key": "LK-INES-0917"}):
            for a in (
                ("POST", S),
                ("GET", S),
                ("GET", P),
                ("PUT", P),
                ("DELETE", P),
                ("POST", P + "/measurements"),
                ("GET", P + "/measurements"),
                ("GET", P + "/summary"),
                ("POST", P + "/decision"),
            ):
                is_(401, *a, h)
        for x in (str(uuid.uuid4()), "nix", s["id"].upper() + "0", "%00", "a%2Fb"):
            Q = f"{S}/{x}"
            for a in (
                ("GET", Q),
                ("PUT", Q),
                ("DELETE", Q),
                ("POST", Q + "/measurements"),
                ("GET", Q + "/measurements"),
                ("GET", Q + "/summary"),
                ("POST", Q + "/decision"),
            ):
                is_(404, *a, ines)
        is_(405, "PATCH", P, ines)
        for x in (
            "state=x",
            "state=",
            "material=air",
            "collected_from=x",
            "collected_to=2026-02-30",
            "sort=code",
            "limit=0",
            "limit=51",
            "limit=x",
            "limit=1.5",
            "offset=-1",
            "offset=",
        ):
            is_(400, "GET", f"{S}?{x}", ines)
        for x in (
            "limit=50",
            "offset=0",
            "state=registered",
            "material=soil",
            "collected_from=2024-02-29",
            "collected_to=2024-02-29",
            "sort=-collected_on",
            "other=1",
        ):
            assert is_(200, "GET", f"{S}?{x}", reva).json() == {"samples": [s], "total": 1}
        for x in ("9", "1" + "0" * 40):
            assert is_(200, "GET", f"{S}?offset={x}", omar).json() == {"samples": [], "total": 1}
        t = is_(201, "POST", S, omar, json={**ok, "code": "ZZ-0001", "material": "food"}).json()
        u = is_(
            201, "POST", S, omar, json={**ok, "code": "AB-0001", "collected_on": "2023-01-01", "priority": "urgent"}
        ).json()
        assert (
            codes(c) == ["AB-0001", "AA-0001", "ZZ-0001"]
            and codes(c, sort="-collected_on") == ["AA-0001", "ZZ-0001", "AB-0001"]
            and codes(c, limit=1, offset=1) == ["AA-0001"]
        )
        assert codes(c, material="soil", collected_from="2023-06-01") == ["AA-0001"] and u["priority"] == "urgent"
        assert is_(200, "GET", P, omar).json() == s
        is_(403, "PUT", P, omar, json=ok)
        is_(403, "PUT", P, reva, json=ok)
        is_(409, "PUT", P, ines, json={**ok, "code": "ZZ-0001"})
        assert is_(200, "PUT", P, ines, json={**ok, "comment": "é", "material": "water"}).json() == {
            **s,
            "comment": "é",
            "material": "water",
        }
        is_(403, "DELETE", P, omar)
        is_(403, "DELETE", P, reva)
        M = P + "/measurements"
        assert is_(200, "GET", M, omar).json() == []
        is_(409, "POST", P + "/decision", reva, json={"verdict": "approve"})
        good = {"analyte": "lead", "value": 0}
        is_(403, "POST", M, omar, json=good)
        is_(403, "POST", M, reva, json=good)
        for bad in (
            {"analyte": "gold"},
            {"analyte": None},
            {"value": -0.1},
            {"value": 1000000.5},
            {"value": "1"},
            {"value": None},
            {"value": True},
            {"unit": "mg"},
        ):
            is_(400, "POST", M, ines, json={**good, **bad})
        for raw in (
            b'{"analyte": "lead", "value": NaN}',
            b'{"analyte": "lead", "value": 1e999}',
            b'{"analyte": "lead"}',
            b'{"value": 1}',
        ):
            is_(400, "POST", M, ines, content=raw, headers={"content-type": "application/json"})
        assert is_(200, "GET", P, ines).json()["state"] == "registered"
        for a, v in (("lead", 0), ("ph", 1000000), ("lead", 0.5)):
            m_ = is_(201, "POST", M, ines, json={"analyte": a, "value": v}).json()
            assert (m_["analyte"], m_["value"]) == (a, v)
        assert is_(200, "GET", P, ines).json()["state"] == "measuring"
        assert [x["value"] for x in is_(200, "GET", M, reva).json()] == [0, 1000000, 0.5] and [
            x["value"] for x in is_(200, "GET", M + "?analyte=lead", omar).json()
        ] == [0, 0.5]
        is_(400, "GET", M + "?analyte=gold", ines)
        is_(400, "GET", P + "/summary", ines)
        is_(400, "GET", P + "/summary?analyte=", ines)
        assert is_(200, "GET", P + "/summary?analyte=lead", reva).json() == {
            "analyte": "lead",
            "count": 2,
            "min": 0,
            "max": 0.5,
            "mean": 0.25,
        }
        is_(409, "PUT", P, ines, json=ok)
        is_(409, "DELETE", P, ines)
        is_(403, "POST", P + "/decision", omar, json={"verdict": "approve"})
        for bad in (
            {},
            {"verdict": "maybe"},
            {"verdict": "reject"},
            {"verdict": "reject", "reason": ""},
            {"verdict": "approve", "reason": None},
            {"verdict": "approve", "reason": "x" * 201},
            {"verdict": "approve", "x": 1},
        ):
            is_(400, "POST", P + "/decision", reva, json=bad)
        d = is_(200, "POST", P + "/decision", reva, json={"verdict": "reject", "reason": "open"}).json()
        assert (
            (d["state"], d["decided_by"], d["reason"]) == ("rejected", "reva", "open")
            and is_(200, "GET", P, ines).json() == d
            and codes(c, state="rejected") == ["AA-0001"]
        )
        is_(409, "POST", P + "/decision", reva, json={"verdict": "approve"})
        is_(409, "POST", M, ines, json=good)
        T = f"{S}/{t['id']}"
        is_(201, "POST", T + "/measurements", omar, json=good)
        d = is_(200, "POST", T + "/decision", reva, json={"verdict": "approve"}).json()
        assert (d["state"], d["decided_by"], d["reason"]) == ("approved", "reva", None)
        is_(204, "DELETE", f"{S}/{u['id']}", omar)
        is_(404, "GET", f"{S}/{u['id']}", omar)
        is_(201, "POST", S, ines, json={**ok, "code": "AB-0001"})
        return True

    return {
        "general": general,
        "put_keeps_comment": put,
        "collected_to_excludes_day": until,
        "descending_ignored": descending,
        "total_of_page": total,
        "mean_whole": mean,
        "technician_may_decide": role,
        "reject_without_reason": reason,
        "measured_after_decision": late,
        "empty_summary_500": empty,
        "code_longer_ok": code,
    }


if __name__ == "__main__":
    sys.exit(main([("server_podcasts", podcasts), ("server_samples", samples)]))
