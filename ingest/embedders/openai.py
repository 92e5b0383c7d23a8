"""An OpenAI-compatible embeddings endpoint: llama-server, vLLM, Ollama, TEI, or OpenAI itself.

Named in the settings as `URL#model`, for example `http://127.0.0.1:8080/v1#bge-m3`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.conversing import ModelServer
from ingest.embedders import EmbedderIdentity, well_formed
from ingest.embedders.prompts import Prompted, Prompts, prompts_for
from ingest.errors import ModelError

_BATCH = 32
_MAX_TOKENS = 480
"""Many served models read 512 tokens; the estimate below errs upwards, and prompt and specials need a few."""
_TIMEOUT = 120.0
"""Seconds for one request."""
_RETRIES = 3
_PARTS = re.compile(r"[A-Za-z]+|[0-9]+|\S", re.ASCII)


class OpenAIEmbedder(Prompted):
    """A remote embedder behind the Protocol."""

    def __init__(
        self,
        address: str,
        *,
        api_key: str = "",
        prompts: Prompts | None = None,
        retries: int = _RETRIES,
    ) -> None:
        """Ask the server for one vector to learn its dimensions.

        A request that fails for a passing reason is tried `retries` more times with growing pauses. Raises `UsageError` for an address without a model, `ModelError` when the
        server can't be reached or refuses.
        """
        self._server = ModelServer(address, "embedder", ModelError, key=api_key, seconds=_TIMEOUT, retries=retries)
        model = self._server.model
        self._prompts = prompts_for(model, {}, None, prompts or Prompts())
        digest = sha256(f"{model}\0{self._prompts.query}\0{self._prompts.passage}".encode()).hexdigest()[:16]
        dimensions = self._request(["dimensions"]).shape[1]
        self.identity = EmbedderIdentity(address, f"openai-{digest}", dimensions, _MAX_TOKENS)

    def count_tokens(self, text: str) -> int:
        """An estimate that errs upwards, for the server's tokenizer is not known here.

        A token for every three letters of an ASCII word, for every two ASCII digits, for every other visible
        character of the Basic Multilingual Plane, and three for one beyond it.
        """
        total = 0
        for part in _PARTS.findall(text):
            if part[0].isascii() and part[0].isalnum():
                total += -(-len(part) // (2 if part[0].isdigit() else 3))
            else:
                total += 1 if part <= "\uffff" else 3
        return total

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,) unit vector. A question longer than the limit is cut to it: servers refuse longer ones."""
        text = text[: _MAX_TOKENS * 3]
        while self.count_tokens(text) > _MAX_TOKENS:
            text = text[: max(1, len(text) * _MAX_TOKENS // (self.count_tokens(text) + 1))]
        return super().embed_query(text)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.identity.dimensions), np.float32)
        for first in range(0, len(texts), _BATCH):
            # An empty input is an error to most servers.
            batch = [well_formed(prompt + text).replace("\0", " ") or " " for text in texts[first : first + _BATCH]]
            got = self._request(batch)
            if got.shape != (len(batch), self.identity.dimensions):
                raise self._server.refused(f"{got.shape} != {(len(batch), self.identity.dimensions)}")
            vectors[first : first + len(batch)] = got
        return vectors

    def _request(self, texts: list[str]) -> NDArray[np.float32]:
        from ingest.embedders.batches import unit

        def ask(client: Any) -> NDArray[np.float32]:  # noqa: ANN401 - of openai, which is imported when it is needed
            answer = client.embeddings.create(model=self._server.model, input=texts, encoding_format="float")
            rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
            return unit(np.asarray(rows, np.float32).reshape(len(rows), -1))

        return self._server.asked(ask)
