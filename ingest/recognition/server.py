"""Recognition by a model behind an OpenAI-compatible server that takes pictures: PaddleOCR-VL in llama-server, say."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.conversing import ModelServer
from ingest.recognition.recognised import Recognised, RecognitionError

SIDE = 2048
"""Pixels of the longer side of what is sent; models scale larger pictures down themselves."""
_TOKENS = 8192
_SECONDS = 300.0
_RETRIES = 2
_TASK = (
    "Transcribe all text in this picture in reading order as Markdown: headings with #, tables as Markdown tables, "
    "everything else as plain paragraphs. The languages are {languages}. Write the transcription alone, add nothing, "
    "leave nothing out. If there is no text, write nothing."
)
_FENCE = re.compile(r"\A```[a-z]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


class ServerReader:
    """Sends pictures, one request each. What comes back has no places."""

    def __init__(self, named: str, api_key: str = "", languages: str = "zh+en") -> None:
        """`named`: URL#model. Raises `UsageError` where a part is missing."""
        self._server = ModelServer(
            named, "ocr_model", RecognitionError, key=api_key, seconds=_SECONDS, retries=_RETRIES
        )
        self._languages = languages.replace("+", ", ")

    def read(self, picture: NDArray[np.uint8]) -> Recognised:
        """The text as the model writes it, in Markdown. Raises `RecognitionError`."""
        content = [
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{_jpeg(picture)}"}},
            {"type": "text", "text": _TASK.format(languages=self._languages)},
        ]

        def ask(client: Any) -> tuple[str, str]:  # noqa: ANN401 - of openai, which is imported when it is needed
            answer = client.chat.completions.create(
                model=self._server.model,
                messages=[{"role": "user", "content": content}],
                temperature=0,
                max_tokens=_TOKENS,
            )
            choice = answer.choices[0]
            return str(choice.message.content or ""), str(choice.finish_reason)

        said, ended = self._server.asked(ask)
        if ended == "length":
            raise self._server.refused("cut short")
        said = _THOUGHT.sub("", said).strip()
        fenced = _FENCE.match(said)
        return Recognised(float(picture.shape[1]), float(picture.shape[0]), markdown=fenced[1] if fenced else said)


def _jpeg(picture: NDArray[np.uint8]) -> str:
    from PIL import Image

    shown = Image.fromarray(picture)
    shown.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=90)
    return base64.b64encode(file.getvalue()).decode()
