"""The operations that are shipped, in the served app: real input over the wire, no path ever, files back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.agents.offline import OfflineModel
from progressnb.cli.serve import load
from tests.web.conftest import Sse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Serve, Served

SALES = [
    {"city": "Oslo", "month": "2026-01", "sales": 3},
    {"city": "Bern", "month": "2026-01", "sales": 5},
    {"city": "Oslo", "month": "2026-02", "sales": 4},
]


async def wait(served: Served, operation: str, **inputs: object) -> tuple[int, dict[str, Any]]:
    """Run an operation to its end; return the status and what the server says."""
    answer = await served.client.post("/runs?wait=1", json={"operation": operation, "inputs": inputs})
    return answer.status_code, answer.json()


async def files(served: Served, said: dict[str, Any]) -> dict[str, bytes]:
    """Fetch every file of a result, and check that a browser saves it and runs nothing."""
    found: dict[str, bytes] = {}
    for name, path in said["artifacts"].items():
        answer = await served.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        found[name] = answer.content
    return found


@pytest.fixture
def shipped() -> list[pnb.Operation[..., Any]]:
    """Return what `progressnb serve` serves by itself."""
    return load([])


@pytest.mark.parametrize("as_text", [False, True])
async def test_customize(serve: Serve, shipped: Any, *, as_text: bool) -> None:
    """A resume and a posting, as objects or as text, become a customized resume in six formats."""
    served = await serve(*shipped, given={"model": OfflineModel(pace=0)})
    resume, job = pnb.samples.resume, pnb.samples.job
    inputs = {"resume": json.dumps(resume), "job": json.dumps(job)} if as_text else {"resume": resume, "job": job}
    status, said = await wait(served, "customize", **inputs)
    assert (status, said["status"]) == (200, "finished")
    found = await files(served, said)
    assert set(found) == {f"resume.{kind}" for kind in ("md", "txt", "json", "html", "docx", "pdf")} | {"all.zip"}
    assert found["resume.md"].decode() in said["result"]["resume"]["markdown"] + "\n"
    assert zipfile.ZipFile(io.BytesIO(found["resume.docx"])).testzip() is None
    assert set(zipfile.ZipFile(io.BytesIO(found["all.zip"])).namelist()) == set(found) - {"all.zip"}


def bars_of(chart: Any) -> bool:
    """Tell whether a chart, or its first layer, is drawn with bars: labels are a layer of their own."""
    return bool(chart.get("layer", [chart])[0]["mark"]["type"] == "bar")


@pytest.mark.parametrize(
    "data",
    [
        SALES,
        {"city": ["Oslo", "Bern", "Oslo"], "sales": [3, 5, 4]},
        {"sales_by_city": SALES},
        {"shops": {"city": ["Oslo", "Bern", "Oslo"], "sales": [3, 5, 4]}},
        "city,sales\nOslo,3\nBern,5\nOslo,4\n",
    ],
    ids=["records", "columns", "tables of records", "tables of columns", "CSV"],
)
async def test_chart(serve: Serve, shipped: Any, data: object) -> None:
    """Data comes as records, columns, tables of either, or the text of a CSV file; the chart goes back as JSON."""
    served = await serve(*shipped, given={"model": OfflineModel(pace=0)})
    status, said = await wait(served, "chart", question="total sales by city", data=data)
    assert (status, said["status"], said["error"]) == (200, "finished", None)
    result = said["result"]
    assert bars_of(result["chart"])
    assert "sum(" in result["query"].lower()
    rows = {row["city"]: row["total sales"] for row in result["data"]}
    assert rows == {"Oslo": 7, "Bern": 5}
    found = await files(served, said)
    assert bars_of(json.loads(found["chart.vl.json"]))
    assert found["query.sql"].decode().strip() == result["query"].strip()
    assert found["data.csv"].splitlines()[0] == b"city,total sales"


@pytest.mark.parametrize("as_text", [False, True])
async def test_generate_tests(serve: Serve, shipped: Any, *, as_text: bool) -> None:
    """A specification, as an object or as YAML, becomes a suite that can be downloaded; the stream ends with it."""
    import yaml

    served = await serve(*shipped, given={"model": OfflineModel(pace=0)})
    text = pnb.samples.openapi
    run_id = await served.begin("generate_tests", spec=text if as_text else yaml.safe_load(text))
    stream = Sse.of((await served.client.get(f"/runs/{run_id}/events")).content)
    assert stream.data == served.lines(run_id)
    assert stream.types[-1] == "done"
    said = (await served.client.get(f"/runs/{run_id}")).json()
    found = await files(served, said)
    archive = zipfile.ZipFile(io.BytesIO(found["all.zip"]))
    assert {"test_api.py", "cases.json", "cases.csv", "README.md", "history.jsonl"} <= set(archive.namelist())
    assert len(json.loads(archive.read("cases.json"))["cases"]) == len(said["result"]["cases"]) > 10


async def test_generate(serve: Serve, shipped: Any) -> None:
    """Text goes in and comes out; types and models are the server's own business."""
    served = await serve(*shipped, given={"model": OfflineModel(pace=0)})
    status, said = await wait(served, "generate", prompt="Tides rise. The moon pulls the water. Rivers run to the sea.")
    assert (status, said["artifacts"]) == (200, {})
    assert said["result"]


@pytest.mark.parametrize(
    ("operation", "inputs"),
    [
        ("customize", {"resume": "{path}", "job": pnb.samples.job}),
        ("customize", {"resume": pnb.samples.resume, "job": "{path}"}),
        ("customize", {"resume": pnb.samples.resume, "job": pnb.samples.job, "model": "openai:gpt-5"}),
        ("customize", {"resume": pnb.samples.resume, "job": pnb.samples.job, "out": "{path}"}),
        ("chart", {"question": "rows", "data": "{path}"}),
        ("chart", {"question": "rows", "data": {"table": "{path}"}}),
        ("chart", {"question": "rows", "data": [{"table": "{path}"}]}),
        ("chart", {"question": "rows of read_csv('{path}')", "data": SALES}),
        ("generate_tests", {"spec": "{path}"}),
        ("generate_tests", {"spec": pnb.samples.openapi, "out": "{path}"}),
        ("generate_tests", {"spec": pnb.samples.openapi, "allow_refs": ["{path}"]}),
        (
            "generate_tests",
            {"spec": {"openapi": "3.0.0", "info": {"title": "x", "version": "1"}, "paths": {"/a": {"$ref": "{path}"}}}},
        ),
        ("generate", {"prompt": "x", "output_type": "os.system"}),
    ],
)
async def test_no_path_is_read(
    serve: Serve, shipped: Any, tmp_path: Path, operation: str, inputs: dict[str, object]
) -> None:
    """Inputs that name a file or a model are refused with the reason, and no byte of the file comes back."""
    served = await serve(*shipped, given={"model": OfflineModel(pace=0)})
    for suffix in (".json", ".yaml", ".csv", ".md"):
        target = tmp_path / f"hidden{suffix}"
        target.write_text("hidden,words\nhidden,words\n")
        sent = json.loads(json.dumps(inputs).replace("{path}", str(target)))
        answer = await served.client.post("/runs?wait=1", json={"operation": operation, "inputs": sent})
        # A cell of a table may hold any text: it is drawn, and opens nothing.
        assert answer.status_code == 422 or (operation, answer.status_code) == ("chart", 200), answer.text
        assert "hidden,words" not in answer.text
        assert target.read_text() == "hidden,words\nhidden,words\n"
