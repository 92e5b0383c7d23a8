"""As much of the Hugging Face hub and of ModelScope as a download takes, with every way to fail."""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import time
import urllib.parse

from tests.loopback import Request, Server


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def tiny_gguf(
    weights: int = 16384, *, architecture: str = "qwen3", file_type: int = 15, splits: int = 1, **more: int
) -> bytes:
    """A whole GGUF file with one F32 tensor; its header says Q4_K_M."""
    numbers = {"general.file_type": file_type, f"{architecture}.block_count": 2, f"{architecture}.context_length": 4096}
    if splits > 1:
        numbers["split.count"] = splits
    numbers |= {f"{architecture}.{key}": value for key, value in more.items()}
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1 + len(numbers))
    head += _text("general.architecture") + struct.pack("<I", 8) + _text(architecture)
    for key, value in numbers.items():
        head += _text(key) + struct.pack("<II", 4, value)
    head += _text("w") + struct.pack("<IQIQ", 1, weights, 0, 0)
    data = (bytes(range(256)) * (weights * 4 // 256 + 1))[: weights * 4]
    return head + b"\0" * (-len(head) % 32) + data


class FakeHub(Server):
    def __init__(self) -> None:
        super().__init__(_Handler)
        self.repos: dict[str, dict[str, bytes]] = {}
        self.licence = "apache-2.0"
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sums: dict[str, str] = {}
        """Another SHA-256 than the right one, by path."""
        self.sizes: dict[str, int] = {}
        """Another size than the right one."""
        self.break_after = 0
        """Bytes of a body after which the line is cut, each time."""
        self.breaks = 10**9
        """How many times."""
        self.ranges = True
        self.wrong_range = False
        self.claim = 0
        """Added to Content-Length."""
        self.answers: list[tuple[int, dict[str, str]]] = []
        """Statuses with headers to give first, one for each request."""
        self.only_files = False
        """Give those for files alone."""
        self.redirect = ""
        self.pause = 0.0

    def downloads(self) -> list[dict[str, str]]:
        """The headers of each request for a file's content."""
        return [headers for path, headers in self.asked if "/resolve/" in path or "FilePath=" in path]


class _Handler(Request):
    server: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        hub = self.server
        hub.asked.append((self.path, dict(self.headers)))
        url = urllib.parse.urlsplit(self.path)
        query = {key: value[0] for key, value in urllib.parse.parse_qs(url.query).items()}
        path = urllib.parse.unquote(url.path)
        is_file = "/resolve/" in path or "FilePath" in query
        if hub.answers and (is_file or not hub.only_files):
            status, headers = hub.answers.pop(0)
            return self._send(status, b"", headers)
        if path.startswith("/cdn/"):
            return self._file(path.removeprefix("/cdn/"))
        if path.startswith("/api/models/"):
            return self._hugging_face(path.removeprefix("/api/models/"))
        if path.startswith("/api/v1/models/"):
            return self._modelscope(path.removeprefix("/api/v1/models/"), query)
        repository, _, rest = path.lstrip("/").partition("/resolve/")
        full = f"{repository}/{rest.partition('/')[2]}"
        if hub.redirect:
            return self._send(302, b"", {"Location": f"{hub.redirect}/cdn/{urllib.parse.quote(full)}"})
        return self._file(full)

    def _files(self, name: str) -> list[tuple[str, int, str]] | None:
        found = self.server.repos.get(name)
        if found is None:
            return None
        hub = self.server
        return [
            (path, hub.sizes.get(path, len(data)), hub.sums.get(path, hashlib.sha256(data).hexdigest()))
            for path, data in found.items()
        ]

    def _hugging_face(self, name: str) -> None:
        files = self._files(name)
        if files is None:
            return self._send(401, b"", {"X-Error-Message": "Invalid username or password."})
        siblings = [
            {"rfilename": path, "size": size, "blobId": "x", "lfs": {"sha256": sha, "size": size, "pointerSize": 134}}
            for path, size, sha in files
        ]
        siblings.append({"rfilename": "README.md", "size": 5, "blobId": "y"})
        return self._json(
            {"id": name, "sha": "c0ffee", "cardData": {"license": self.server.licence}, "siblings": siblings}
        )

    def _modelscope(self, path: str, query: dict[str, str]) -> None:
        name, _, rest = path.partition("/repo")
        files = self._files(name)
        if files is None:
            return self._json({"Code": 10010205001, "Success": False, "Message": "not found", "Data": None})
        if rest == "/files":
            rows = [{"Path": p, "Name": p, "Size": s, "Sha256": sha, "Type": "blob"} for p, s, sha in files]
            rows.append({"Path": "folder", "Name": "folder", "Size": 0, "Type": "tree"})
            return self._json({"Code": 200, "Success": True, "Data": {"Files": rows}})
        if "FilePath" in query:
            return self._file(f"{name}/{query['FilePath']}")
        return self._json({"Code": 200, "Success": True, "Data": {"License": "Apache License 2.0"}})

    def _file(self, full: str) -> None:
        hub = self.server
        owner, repo, path = full.split("/", 2)
        data = hub.repos[f"{owner}/{repo}"][path]
        start, status, headers = 0, 200, {}
        if hub.ranges and (asked := self.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(data):
                return self._send(416, b"", {})
            start = 0 if hub.wrong_range else start
            status, headers = 206, {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        body = data[start:]
        if hub.break_after and hub.breaks > 0 and len(body) > hub.break_after:
            hub.breaks -= 1
            return self._send(status, body[: hub.break_after], headers, length=len(body) + hub.claim)
        return self._send(status, body, headers, length=len(body) + hub.claim)

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.server.pause and length is not None:
            self.wfile.flush()
            time.sleep(self.server.pause)
        with contextlib.suppress(OSError):
            self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True
