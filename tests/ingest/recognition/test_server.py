"""A server that takes pictures, on loopback."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ingest.loaders import load
from ingest.recognition import Recognition, RecognitionError, opened
from tests.loopback import Request, Server

ANSWER = "<think>a table</think>```markdown\n# Stock\n\n| Item | Price |\n| --- | --- |\n| Valve | 845.50 |\n```"


class Handler(Request):
    def do_POST(self) -> None:
        body = self.posted()
        self.server.requests.append({**body, "key": self.headers["Authorization"], "path": self.path})
        status, said, reason = self.server.says
        message = {"role": "assistant", "content": said}
        answer = {
            "id": "1", "object": "chat.completion", "created": 1, "model": "vl",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }  # fmt: skip
        self.answer(answer if status == 200 else {"error": {"message": "no"}}, status)


@pytest.fixture
def server():
    with Server(Handler) as server:
        server.requests, server.says = [], (200, ANSWER, "stop")
        yield server


def recogniser(server, **more):
    return opened(Recognition(server=f"{server.url}/v1#vl", api_key="k", **more))


def test_a_picture_is_sent_and_what_comes_back_is_a_document(server, tmp_path) -> None:
    Image.new("RGB", (3000, 1500), "white").save(tmp_path / "stock.png")
    parsed = load(tmp_path / "stock.png", recogniser=recogniser(server))
    assert parsed.recognition
    assert "| Valve | 845.50 |" in parsed.pages[0].text
    assert [block.kind for block in parsed.pages[0].blocks] == ["heading", "table"]
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "vl"
    assert request["key"] == "Bearer k"
    picture, task = request["messages"][0]["content"]
    assert "zh, en" in task["text"]
    sent = Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].partition(",")[2])))
    assert sent.size == (2048, 1024)


@pytest.mark.parametrize(("answer", "why"), [((400, "", "stop"), "HTTP 400"), ((200, "| a", "length"), "cut short")])
def test_a_server_that_refuses_or_stops_half_way_is_a_note_on_the_document(server, tmp_path, answer, why) -> None:
    server.says = answer
    Image.new("RGB", (60, 60), "white").save(tmp_path / "a.tiff")
    parsed = load(tmp_path / "a.tiff", recogniser=recogniser(server))
    assert parsed.needs_ocr == (1,)
    assert any(why in note for note in parsed.notes)


def test_a_server_that_is_not_there_is_named(tmp_path) -> None:
    gone = opened(Recognition(server="http://127.0.0.1:9/v1#vl"))
    with pytest.raises(RecognitionError, match="can't be reached"):
        gone.recognise(np.zeros((40, 40, 3), np.uint8))
