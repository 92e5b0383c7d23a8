"""Which exceptions come from talking to a server. By the name of the library: openai 3 brings httpx2 where others use httpx."""

from __future__ import annotations

_LIBRARIES = frozenset({"openai", "langchain_openai", "httpx", "httpx2", "httpcore", "httpcore2"})


def from_conversation(error: BaseException) -> bool:
    """Whether `error` is of a class that one of these libraries made."""
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)
