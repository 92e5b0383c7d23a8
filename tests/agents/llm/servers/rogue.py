"""An OpenAI-compatible server on loopback that does what it is told, all of it bad."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Rogue(ThreadingHTTPServer):
    """`ways` are taken in turn, one for each question; the last one stays."""

    daemon_threads = True

    def __init__(self, *ways: str, says: str = "one two three", models: tuple[str, ...] = ("tiny",)) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ways, self.says, self.models = deque(ways), says, models
        self.asked: list[dict[str, Any]] = []
        self.at: list[float] = []
        self.looked_after = 0
        self.under_way = self.most_under_way = 0
        self.lock = threading.Lock()
        self.let_go = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def way(self) -> str:
        with self.lock:
            return self.ways.popleft() if len(self.ways) > 1 else self.ways[0]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what this is about."""

    def stop(self) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Rogue

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.looked_after += 1
        self._whole(200, json.dumps({"data": [{"id": name} for name in self.server.models]}))

    def do_POST(self) -> None:
        server = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            server.asked.append(asked)
            server.at.append(time.monotonic())
            server.under_way += 1
            server.most_under_way = max(server.most_under_way, server.under_way)
        try:
            self._answer(server.way(), asked)
        finally:
            with server.lock:
                server.under_way -= 1

    def _answer(self, way: str, asked: dict[str, Any]) -> None:
        if way.isdigit():
            self._whole(int(way), json.dumps({"error": {"message": f"no {way}", "type": "x"}}))
        elif way.startswith("429 "):
            self._whole(429, '{"error": {"message": "slow down"}}', retry_after=way.removeprefix("429 "))
        elif way == "too long":
            error = {"type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096, "message": "long"}
            self._whole(400, json.dumps({"error": error}))
        elif way == "garbage":
            self._whole(200, "<html>It works!</html>")
        elif way == "json garbage":
            self._whole(200, '{"hello": [1, 2]}')
        elif way == "hangs":
            self.server.let_go.wait(30)
        elif asked.get("stream"):
            self._stream(way)
        else:
            message = {"role": "assistant", "content": self.server.says}
            usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = {"id": "x", "object": "chat.completion", "model": "tiny", "choices": [choice], "usage": usage}
            self._whole(200, json.dumps(body))

    def _stream(self, way: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._event({"role": "assistant"})
        words = self.server.says.split(" ")
        if way == "greets and hangs":
            self.server.let_go.wait(30)
        if way == "closes after greeting":
            return self._hang_up()
        for index, word in enumerate(words):
            self._event({"content": word + " " * (index < len(words) - 1)})
            if way == "slow":
                self.server.let_go.wait(0.02)
            if index == 1:
                if way == "falls silent":
                    self.server.let_go.wait(30)
                if way == "closes mid-chunk":
                    self.wfile.write(b'40\r\ndata: {"id"')
                    return self._hang_up()
                if way == "ends early":
                    break
                if way == "garbage within":
                    self._chunk(b"data: {not json}\n\n")
                if way == "error within":
                    self._chunk(b'data: {"error": {"message": "slot failed", "code": 500}}\n\n')
        else:
            self._event({}, "stop")
            self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")
        return None

    def _event(self, delta: dict[str, Any], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        event = {"id": "x", "object": "chat.completion.chunk", "model": "tiny", "choices": [choice]}
        self._chunk(f"data: {json.dumps(event)}\n\n".encode())

    def _chunk(self, raw: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
        self.wfile.flush()

    def _whole(self, status: int, text: str, retry_after: str = "") -> None:
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(raw)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()
