"""Recognition by a model behind an OpenAI-compatible server that takes pictures: PaddleOCR-VL in llama-server, say."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.language import Text
from ingest.recognition.errors import RecognitionError
from ingest.recognition.options import address
from ingest.recognition.recognised import Recognised

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
        self._url, self._model = address(named)
        self._key, self._languages = api_key, languages
        self._client: Any = None

    def read(self, picture: NDArray[np.uint8]) -> Recognised:
        """The text as the model writes it, in Markdown. Raises `RecognitionError`."""
        from openai import APIConnectionError, APIStatusError, OpenAI, OpenAIError

        if self._client is None:
            self._client = OpenAI(
                base_url=self._url, api_key=self._key or "none", timeout=_SECONDS, max_retries=_RETRIES
            )
        content = [
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{_jpeg(picture)}"}},
            {"type": "text", "text": _TASK.format(languages=self._languages.replace("+", ", "))},
        ]
        try:
            answer: Any = self._client.chat.completions.create(
                model=self._model, messages=[{"role": "user", "content": content}], temperature=0, max_tokens=_TOKENS
            )
            choice = answer.choices[0]
            said = str(choice.message.content or "")
        except APIConnectionError as error:
            raise RecognitionError(
                Text(f"The server at {self._url} can't be reached.", f"无法连接 {self._url} 的服务。"),
                Text(
                    "Start it, or correct the address in the setting 'ocr_model'.",
                    "请启动该服务，或更正设置项 ocr_model 中的地址。",
                ),
            ) from error
        except APIStatusError as error:
            raise self._refused(f"HTTP {error.status_code}") from error
        except (OpenAIError, AttributeError, IndexError, TypeError, ValueError) as error:
            raise self._refused(type(error).__name__) from error
        if choice.finish_reason == "length":
            raise self._refused("cut short")
        said = _THOUGHT.sub("", said).strip()
        fenced = _FENCE.match(said)
        return Recognised(float(picture.shape[1]), float(picture.shape[0]), markdown=fenced[1] if fenced else said)

    def _refused(self, why: str) -> RecognitionError:
        return RecognitionError(
            Text(
                f"The server at {self._url} did not read the picture with '{self._model}' ({why}).",
                f"{self._url} 的服务未能用 “{self._model}” 读取图片（{why}）。",
            ),
            Text(
                "Check that this model takes pictures, and the setting 'ocr_api_key'.",
                "请确认该模型支持图片，并检查设置项 ocr_api_key。",
            ),
        )


def _jpeg(picture: NDArray[np.uint8]) -> str:
    from PIL import Image

    shown = Image.fromarray(picture)
    shown.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=90)
    return base64.b64encode(file.getvalue()).decode()
