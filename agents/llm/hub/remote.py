"""What a hub says about a repository: Hugging Face's or a mirror of it, and ModelScope's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from agents.llm.hub.transport import Transport, endpoint, host_of, refused, strange_answer


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository."""

    path: str
    """Within the repository, with '/'."""
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex; '' when the hub states none."""
    url: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one revision."""

    name: str
    """'owner/repo'."""
    licence: str
    """As its maker states it; '' when nothing is stated."""
    page: str
    """Where a person can read about it."""
    files: tuple[RemoteFile, ...]


class Hub(Protocol):
    """A place that models are fetched from."""

    host: str
    """Its name, for people."""

    def page(self, name: str) -> str:
        """The address at which a person finds the files of the repository `name`."""

    def headers(self) -> dict[str, str]:
        """What proves who asks; empty for nobody in particular."""

    def repository(self, name: str) -> Repository:
        """Ask for 'owner/repo'. Raises `ModelError`; `Unreachable` when nobody answers."""


class HuggingFace:
    """The Hugging Face hub, or a mirror of it (HF_ENDPOINT, for example https://hf-mirror.com), as `Hub` has it.

    Its API is asked directly: huggingface_hub 1.x keeps no partial file after a break, does not check a file against its
    SHA-256, and reads its environment once at import. API: https://huggingface.co/docs/hub/api
    """

    def __init__(self, transport: Transport, mirror: str = "") -> None:
        """`mirror` '': HF_ENDPOINT, or the hub itself."""
        self._transport = transport
        self._anonymous = bool(mirror)  # a token is meant for the hub, or for the mirror that its owner names
        self._endpoint = mirror or endpoint("https://huggingface.co", "HF_ENDPOINT")
        self.host = host_of(self._endpoint)

    def page(self, name: str) -> str:
        """The address at which a person finds the files of the repository `name`."""
        return f"{self._endpoint}/{name}/tree/main"

    def headers(self) -> dict[str, str]:
        """HF_TOKEN, or what `hf auth login` left."""
        if self._anonymous:
            return {}
        token = os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN")
        if not token:
            from huggingface_hub import get_token

            token = get_token()
        return {"Authorization": f"Bearer {token.strip()}"} if token else {}

    def repository(self, name: str) -> Repository:
        """The files at today's main revision, with the SHA-256 that Git LFS keeps of each."""
        url = f"{self._endpoint}/api/models/{quote(name)}?blobs=true"
        answer = self._transport.json(url, headers=self.headers(), page=self.page(name))
        try:
            revision = str(answer.get("sha") or "main")
            files = tuple(self._file(name, revision, item) for item in answer["siblings"])
            licence = _licence(answer)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise strange_answer(self.host, url) from error
        return Repository(name, licence, f"{self._endpoint}/{name}", files)

    def _file(self, name: str, revision: str, item: dict[str, Any]) -> RemoteFile:
        path = str(item["rfilename"])
        lfs = item.get("lfs") or {}
        url = f"{self._endpoint}/{quote(name)}/resolve/{quote(revision, safe='')}/{quote(path)}"
        return RemoteFile(
            path, int(lfs.get("size") or item.get("size") or 0), _digest(lfs.get("sha256") or lfs.get("oid")), url
        )


def _digest(value: object) -> str:
    return value.lower().removeprefix("sha256:") if isinstance(value, str) else ""


def _licence(answer: dict[str, Any]) -> str:
    card = answer.get("cardData") or {}
    stated = card.get("license") or next(
        (tag.removeprefix("license:") for tag in answer.get("tags") or [] if str(tag).startswith("license:")), ""
    )
    if isinstance(stated, list):
        stated = ", ".join(map(str, stated))
    more = " ".join(str(card[key]) for key in ("license_name", "license_link") if card.get(key))
    return f"{stated} ({more})" if stated and more else str(stated or more)


class ModelScope:
    """ModelScope, by its plain HTTP API (the one its own client uses): no further package is needed. As `Hub` has it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._endpoint = endpoint("https://www.modelscope.cn", "MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN")
        self.host = host_of(self._endpoint)

    def page(self, name: str) -> str:
        """The address at which a person finds the files of the repository `name`."""
        return f"{self._endpoint}/models/{name}/files"

    def headers(self) -> dict[str, str]:
        """MODELSCOPE_API_TOKEN, in both places where the hub has looked for it."""
        token = os.environ.get("MODELSCOPE_API_TOKEN", "").strip()
        return {"Authorization": f"Bearer {token}", "Cookie": f"m_session_id={token}"} if token else {}

    def repository(self, name: str) -> Repository:
        """The files of the branch master, each with its SHA-256."""
        base = f"{self._endpoint}/api/v1/models/{quote(name)}"
        about = self._data(base, name)
        url = f"{base}/repo/files?Revision=master&Recursive=true"
        listing = self._data(url, name)
        try:
            files = tuple(
                RemoteFile(
                    str(item["Path"]),
                    int(item.get("Size") or 0),
                    str(item.get("Sha256") or "").lower(),
                    f"{base}/repo?{urlencode({'Revision': 'master', 'FilePath': item['Path']})}",
                )
                for item in listing["Files"]
                if item.get("Type", "blob") == "blob"
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise strange_answer(self.host, url) from error
        return Repository(name, str(about.get("License") or ""), f"{self._endpoint}/models/{name}", files)

    def _data(self, url: str, name: str) -> dict[str, Any]:
        """The answer's content; its envelope has a status of its own."""
        answer = self._transport.json(url, headers=self.headers(), page=self.page(name))
        if not isinstance(answer, dict):
            raise strange_answer(self.host, url)
        data = answer.get("Data")
        if answer.get("Success") is False or not isinstance(data, dict):
            raise refused(self.host, self.page(name), 404, str(answer.get("Message") or "")[:300])
        return data
