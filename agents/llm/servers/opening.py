"""From addresses to a chat model: which models are there, and whether the one that is wanted is among them."""

from __future__ import annotations

import asyncio
import weakref
from typing import TypeVar

import httpx

from agents.llm.names import Address, Served, displayed
from agents.llm.servers.balanced import BalancedChat
from agents.llm.servers.one import OneServer, Patience
from agents.llm.servers.pool import Pool, Server
from agents.llm.servers.trouble import explained, told
from ingest.apart import background
from ingest.errors import ModelError
from ingest.language import Text
from ingest.settings import Settings

_CONNECT_SECONDS = 5.0
_Chat = TypeVar("_Chat", bound=OneServer)


async def listed(url: str, api_key: str = "") -> list[str]:
    """Names of the models at `url`. Raises `ModelError` when nobody answers there as such a server does."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        async with asyncio.timeout(2 * _CONNECT_SECONDS), httpx.AsyncClient(follow_redirects=True) as client:
            answer = await client.get(f"{url}/models", headers=headers, timeout=_CONNECT_SECONDS)
        answer.raise_for_status()
        return [str(model["id"]) for model in answer.json().get("data") or []]
    except Exception as error:
        if not told(error):
            raise
        raise explained(url, error) from error


def open_served(source: Served, settings: Settings) -> BalancedChat:
    """The chat model at the addresses of `source`. One that does not answer now is asked later, if another does.

    Raises `ModelError`: nobody answers, or one that does has no such model.
    """
    key = settings.model_api_key
    found = background.wait(_all_listed(source, key))
    troubles = [one for one in found if isinstance(one, ModelError)]
    if len(troubles) == len(found):
        raise troubles[0]
    names = [
        _checked(address, one) if not isinstance(one, ModelError) else address.model
        for address, one in zip(source.addresses, found, strict=True)
    ]
    usual = next(name for name, one in zip(names, found, strict=True) if not isinstance(one, ModelError))
    patience = Patience(settings.model_first_token_timeout, settings.model_token_timeout)
    pool = Pool(
        [
            Server(address.url, _chat(OneServer, address.url, name or usual, settings, patience))
            for address, name in zip(source.addresses, names, strict=True)
        ]
    )
    weakref.finalize(
        pool,
        background.hang_up,
        [server.chat.http_async_client for server in pool.servers if server.chat.http_async_client],
    ).atexit = False
    for server, one in zip(pool.servers, found, strict=True):
        if isinstance(one, ModelError):
            pool.failed(server)

    async def well(server: Server) -> bool:
        return not isinstance(await _asked(server.url, key), ModelError)

    first = source.addresses[0].url
    return _chat(BalancedChat, first, usual, settings, patience).over(pool, patience, well)


async def _all_listed(source: Served, key: str) -> list[list[str] | ModelError]:
    return list(await asyncio.gather(*(_asked(address.url, key) for address in source.addresses)))


async def _asked(url: str, key: str) -> list[str] | ModelError:
    try:
        return await listed(url, key)
    except ModelError as error:
        return error


def _checked(address: Address, models: list[str]) -> str:
    """The name to ask for: the one written, or the only one there."""
    name, url = address.model, displayed(address.url)
    if not name and len(models) == 1:
        name = models[0]
    # A server may know more names than it lists (Ollama's tags, aliases): only a list that is there can say no.
    if name and (not models or name in models or f"{name}:latest" in models):
        return name
    told_names = ", ".join(models) or "-"
    raise ModelError(
        Text(
            f"The server {url} has no model '{name}'." if name else f"Which model of {url}?",
            f"服务器 {url} 上没有模型 “{name}”。" if name else f"请指定 {url} 上的模型。",
        ),
        Text(f"Write {url}#MODEL; there are: {told_names}.", f"请写成 {url}#模型名；可选：{told_names}。"),
    )


def _chat(kind: type[_Chat], url: str, name: str, settings: Settings, patience: Patience) -> _Chat:
    timeout = httpx.Timeout(patience.first_token, connect=_CONNECT_SECONDS)
    return kind(
        model=name,
        base_url=url,
        api_key=settings.model_api_key or "none",  # type: ignore[arg-type]  # pydantic makes it a SecretStr
        temperature=settings.temperature,
        max_completion_tokens=settings.max_tokens or None,
        timeout=timeout,
        http_async_client=httpx.AsyncClient(timeout=timeout, follow_redirects=True),  # this loop's own
        max_retries=0,
        stream_usage=True,
        stream_chunk_timeout=None,
        use_responses_api=False,
    )
