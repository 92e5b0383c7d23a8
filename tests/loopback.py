"""Servers on loopback that the tests make up, and that say nothing on the terminal."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Request(BaseHTTPRequestHandler):
    """One that has come in."""

    def posted(self) -> Any:
        """What it brings, as JSON."""
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body: Any, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Answer with `body`: bytes as they are, anything else as JSON. `headers` with _ for -."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content_Type": kind, "Content_Length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Answers by `handler` as long as its `with` block lasts."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
