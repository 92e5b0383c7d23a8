"""A server that takes pictures, on loopback."""

from __future__ import annotations

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from ingest.loaders import load
from ingest.recognition import Recognition, opened
from ingest.recognition.errors import RecognitionError

ANSWER = "<think>a table</think>```markdown\n# Stock\n\n| Item | Price |\n| --- | --- |\n| Valve | 845.50 |\n```"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({**body, "key": self.headers["Authorization"], "path": self.path})
        status, said, reason = self.server.answer
        message = {"role": "assistant", "content": said}
        answer = {
            "id": "1", "object": "chat.completion", "created": 1, "model": "vl",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }  # fmt: skip
        payload = json.dumps(answer if status == 200 else {"error": {"message": "no"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.answer = [], (200, ANSWER, "stop")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def recogniser(server, **more):
    return opened(Recognition(server=f"http://127.0.0.1:{server.server_port}/v1#vl", api_key="k", **more))


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
    server.answer = answer
    Image.new("RGB", (60, 60), "white").save(tmp_path / "a.tiff")
    parsed = load(tmp_path / "a.tiff", recogniser=recogniser(server))
    assert parsed.needs_ocr == (1,)
    assert any(why in note for note in parsed.notes)


def test_a_server_that_is_not_there_is_named(tmp_path) -> None:
    gone = opened(Recognition(server="http://127.0.0.1:9/v1#vl"))
    with pytest.raises(RecognitionError, match="can't be reached"):
        gone.recognise(np.zeros((40, 40, 3), np.uint8))
