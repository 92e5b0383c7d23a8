"""ModelScope, by its plain HTTP API (the one its own client uses): no further package is needed."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlencode

from agents.llm.hub.errors import refused, strange_answer
from agents.llm.hub.remote import RemoteFile, Repository
from agents.llm.hub.transport import Transport, endpoint, host_of


class ModelScope:
    """As `remote.Hub`."""

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
