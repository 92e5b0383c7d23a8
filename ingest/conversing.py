"""Models behind OpenAI-compatible servers: their addresses, asking them, and what is said where that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ingest.errors import UsageError, ZhikuError
from ingest.language import Text

_LIBRARIES = frozenset({"openai", "langchain_openai", "httpx", "httpx2", "httpcore", "httpcore2"})
"""By name: openai 3 brings httpx2 where others use httpx."""
_T = TypeVar("_T")


def from_conversation(error: BaseException) -> bool:
    """Whether `error` is of a class that a library made which talks to servers."""
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)


def address(named: str, model: str = "bge-m3") -> tuple[str, str]:
    """URL and model of 'URL#model'. Raises `UsageError` where one is missing; `model` is its example."""
    url, _, found = named.partition("#")
    if not found or not urlsplit(url).hostname:
        shown = f"http://127.0.0.1:8080/v1#{model}"
        raise UsageError(
            Text(f"The address '{named}' names no model.", f"地址 “{named}” 没有指明模型。"),
            Text(f"Write it as URL#model, for example {shown}.", f"请写成 URL#模型，例如 {shown}。"),
        )
    return url, found


class ModelServer:
    """One model of such a server."""

    def __init__(
        self, named: str, setting: str, error: type[ZhikuError], *, key: str, seconds: float, retries: int
    ) -> None:
        """`named`: URL#model, as `setting` has it; what goes wrong is raised as `error`. A request may take `seconds`
        and is tried `retries` more times with growing pauses where it fails for a passing reason."""
        self.url, self.model = address(named)
        self._setting, self._error = setting, error
        self._options: dict[str, Any] = {"api_key": key or "none", "timeout": seconds, "max_retries": retries}
        self._client: Any = None

    def asked(self, ask: Callable[[Any], _T]) -> _T:
        """What `ask` makes of an answer that it gets from the library's client. Raises `error`."""
        from openai import APIConnectionError, APIStatusError, OpenAI

        self._client = self._client or OpenAI(base_url=self.url, **self._options)
        try:
            return ask(self._client)
        except APIConnectionError as error:
            raise self._error(
                Text(f"The server at {self.url} can't be reached.", f"无法连接 {self.url} 的服务。"),
                Text(
                    f"Start it, or correct the address in the setting '{self._setting}'.",
                    f"请启动该服务，或更正设置项 {self._setting} 中的地址。",
                ),
            ) from error
        except APIStatusError as error:
            raise self.refused(f"HTTP {error.status_code}") from error
        except Exception as error:
            unlike = isinstance(error, ValueError | TypeError | AttributeError | IndexError)
            if not unlike and not from_conversation(error):
                raise
            raise self.refused(type(error).__name__) from error

    def refused(self, why: str) -> ZhikuError:
        """The error for an answer that is none, in a word or two."""
        return self._error(
            Text(
                f"The server at {self.url} gave no answer of use from the model '{self.model}' ({why}).",
                f"{self.url} 的服务没有为模型 “{self.model}” 返回可用的结果（{why}）。",
            ),
            Text(
                f"Check that this is a model for it, and its key and address in the settings ('{self._setting}').",
                f"请确认该模型适合此用途，并检查设置项 {self._setting} 及其密钥。",
            ),
        )
