"""`stream` around a bare client of OpenAI, in a cell that blocks the kernel: its panel is live all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook

CLIENT = """
import json, pathlib, time
import httpx2, openai
import progressnb as pnb

TEXTS = ["The moon ", "pulls the sea.", " So it ", "rises."]
gate = pathlib.Path("gate")

class Body(httpx2.SyncByteStream):
    def __iter__(self):
        for number, text in enumerate(TEXTS):
            while number == 2 and not gate.exists():  # half of the answer is there
                time.sleep(0.01)
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            yield f"data: {json.dumps(chunk)}\\n\\n".encode()
        yield b"data: [DONE]\\n\\n"

answer = lambda request: httpx2.Response(200, stream=Body(), headers={"content-type": "text/event-stream"})
transport = httpx2.MockTransport(answer)
client = openai.OpenAI(api_key="none", base_url="http://test/v1", http_client=httpx2.Client(transport=transport))
"""

CELL = """
messages = [{"role": "user", "content": "Why are there tides?"}]
stream = client.chat.completions.create(model="gpt-test", messages=messages, stream=True)
text = "".join(chunk.choices[0].delta.content or "" for chunk in pnb.stream(stream))
print("read", len(text))
"""

BROKEN_OFF = """
for chunk in pnb.stream(client.chat.completions.create(model="gpt-test", messages=messages, stream=True)):
    break
"""


def test_a_bare_client_has_a_live_panel(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """While the cell blocks the kernel, the panel shows the model, the question and the text so far."""
    notebook = open_notebook(CLIENT, CELL, BROKEN_OFF)
    notebook.run(0)
    notebook.start(1)
    expect(notebook.panel(1)).to_contain_text("The moon pulls the sea.")
    expect(notebook.panel(1)).to_contain_text("gpt-test")
    expect(notebook.panel(1)).to_contain_text("Why are there tides?")
    expect(notebook.panel(1)).not_to_contain_text("rises")
    notebook.page.screenshot(path=screenshot("live"))
    folder = notebook.server.root
    (folder / "gate").touch()
    notebook.wait_done(1)
    notebook.ended(1)
    expect(notebook.panel(1)).to_contain_text("So it rises.")
    expect(notebook.output(1)).to_contain_text("read 36")
    notebook.run(2)
    notebook.ended(2, "cancelled")
    expect(notebook.panel(2)).to_contain_text("stopped reading")
    notebook.page.screenshot(path=screenshot("ended"))
