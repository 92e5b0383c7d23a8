"""An OpenAI-compatible server on loopback that does what it is told, all of it bad."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

from tests.loopback import Request, Server


class Rogue(Server):
    """`ways` are taken in turn, one for each question; the last one stays."""

    def __init__(self, *ways: str, says: str = "one two three", models: tuple[str, ...] = ("tiny",)) -> None:
        super().__init__(_Handler)
        self.ways, self.says, self.models = deque(ways), says, models
        self.asked: list[dict[str, Any]] = []
        self.at: list[float] = []
        self.looked_after = 0
        self.under_way = self.most_under_way = 0
        self.lock = threading.Lock()
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"{super().url}/v1"

    def way(self) -> str:
        with self.lock:
            return self.ways.popleft() if len(self.ways) > 1 else self.ways[0]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what this is about."""

    def stop(self) -> None:
        self.let_go.set()
        super().stop()


class _Handler(Request):
    protocol_version = "HTTP/1.1"
    server: Rogue

    def do_GET(self) -> None:
        self.server.looked_after += 1
        self.answer({"data": [{"id": name} for name in self.server.models]})

    def do_POST(self) -> None:
        server = self.server
        asked = self.posted()
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
            self.answer({"error": {"message": f"no {way}", "type": "x"}}, int(way))
        elif way.startswith("429 "):
            self.answer({"error": {"message": "slow down"}}, 429, Retry_After=way.removeprefix("429 "))
        elif way == "too long":
            error = {"type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096, "message": "long"}
            self.answer({"error": error}, 400)
        elif way == "garbage":
            self.answer(b"<html>It works!</html>")
        elif way == "json garbage":
            self.answer({"hello": [1, 2]})
        elif way == "hangs":
            self.server.let_go.wait(30)
        elif asked.get("stream"):
            self._stream(way)
        else:
            message = {"role": "assistant", "content": self.server.says}
            usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = {"id": "x", "object": "chat.completion", "model": "tiny", "choices": [choice], "usage": usage}
            self.answer(body)

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

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()
