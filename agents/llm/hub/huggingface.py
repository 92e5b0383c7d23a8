"""The Hugging Face hub, or a mirror of it (HF_ENDPOINT, for example https://hf-mirror.com).

Its API is asked directly: huggingface_hub 1.x keeps no partial file after a break, does not check a file against its
SHA-256, and reads its environment once at import. API: https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from agents.llm.hub.errors import strange_answer
from agents.llm.hub.remote import RemoteFile, Repository
from agents.llm.hub.transport import Transport, endpoint, host_of


class HuggingFace:
    """As `remote.Hub`."""

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
