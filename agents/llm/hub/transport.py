"""HTTP with patience: waits as it is told to, tries again after what passes, gives up after what does not; and what is then said."""

from __future__ import annotations

import email.utils
import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
_LONGEST_WAIT = 90.0
"""Seconds; a hub that asks for more is an error for a person to read."""
_RESET = re.compile(r";\s*t=(\d+)")
"""Seconds until a window ends, in the RateLimit header that the Hugging Face hub sends (an IETF draft of 2025)."""
_PASSING = frozenset({408, 425, 500, 502, 503, 504})


def backoff(attempt: int) -> float:
    """Seconds to wait after the failure number `attempt`, from 0."""
    return float(min(0.5 * 2**attempt, 15))


class Transport:
    """One connection pool for one command."""

    def __init__(self, *, timeout: float = 30.0, sleep: Callable[[float], None] = time.sleep) -> None:
        """`timeout`: seconds without a byte before the line counts as broken."""
        self._timeout, self.sleep = timeout, sleep
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()

    def json(self, url: str, *, headers: Mapping[str, str], page: str) -> Any:  # noqa: ANN401 - a hub's answer
        """The JSON at `url`; `page` is what an error names. Raises `ModelError`."""
        import httpx

        failures = 0
        while True:
            try:
                with self.stream(url, headers=headers, page=page) as response:
                    response.read()
                return response.json()
            except httpx.TransportError as error:
                failures += 1
                if failures >= ATTEMPTS:
                    raise Unreachable(host_of(url), _word(error)) from error
                self.sleep(backoff(failures - 1))
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict) as error:
                raise Unreachable(host_of(url), _word(error)) from error
            except ValueError as error:
                raise strange_answer(host_of(url), url) from error

    @contextmanager
    def stream(self, url: str, *, headers: Mapping[str, str], page: str) -> Iterator[httpx.Response]:
        """The answer to a GET, its body still to be read; its status is 2xx, or 416 to a range beyond the end.

        Raises `ModelError` when the hub refuses, `Unreachable` when nobody is there, httpx's own errors while the
        body is read.
        """
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=httpx.Timeout(self._timeout, connect=10.0), follow_redirects=True)
        for failures in itertools.count():
            try:
                request = self._client.build_request("GET", url, headers={"Accept-Encoding": "identity", **headers})
                response = self._client.send(request, stream=True)
            except httpx.TransportError as error:
                if failures >= (1 if isinstance(error, httpx.ConnectError) else ATTEMPTS - 1):
                    raise Unreachable(host_of(url), _word(error)) from error
                wait = backoff(failures)
            except (httpx.InvalidURL, httpx.TooManyRedirects) as error:
                raise Unreachable(host_of(url), _word(error)) from error
            else:
                with closing(response):
                    if response.is_success or response.status_code == 416:
                        yield response
                        return
                    wait = self._wait(response, page, failures)
            self.sleep(wait)

    def _wait(self, response: httpx.Response, page: str, failures: int) -> float:
        """Seconds before the next try after a status that may pass. Raises `ModelError` when it will not."""
        status = response.status_code
        host = host_of(str(response.url))
        told = retry_after(response.headers.get("Retry-After", ""))
        if told is None and (reset := _RESET.search(response.headers.get("RateLimit", ""))):
            told = float(reset[1])
        if status == 429 or (status == 503 and told is not None):
            wait = told if told is not None else backoff(failures + 2)
            if wait > _LONGEST_WAIT or failures >= ATTEMPTS - 1:
                raise asked_to_wait(host, wait)
            return wait
        if status in _PASSING and failures < ATTEMPTS - 1:
            return backoff(failures)
        said = " ".join(response.headers.get("X-Error-Message", "").split()).rstrip(".")
        raise refused(host, page, status, said[:300])


def retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3). None for anything else."""
    if re.fullmatch(r"\d{1,9}(?:\.\d*)?", value.strip()):
        return float(value)
    try:
        then = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, then.timestamp() - time.time())


def host_of(url: str) -> str:
    """'huggingface.co' of an address, with the port where it says one."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def endpoint(default: str, *variables: str) -> str:
    """A hub's address: what the first of the environment's `variables` that is set says, with a scheme; else `default`."""
    given = next((value for name in variables if (value := os.environ.get(name))), default).strip().rstrip("/")
    return given if "://" in given else f"https://{given}"


def _word(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


class Unreachable(ModelError):
    """The hub does not answer, or stops answering; whoever knows what was wanted adds what to do by hand."""

    def __init__(self, host: str, detail: str, hint: Text | None = None) -> None:
        """`host` as people know it; `detail` is the lower layers' own word."""
        self.host, self.detail = host, detail
        super().__init__(Text(f"{host} can't be reached ({detail}).", f"无法访问 {host}（{detail}）。"), hint)


def refused(host: str, page: str, status: int, said: str) -> ModelError:
    """The hub answers, and says no. `said` is its own reason, '' when it gave none."""
    reason = f" ({said})" if said else ""
    grund = f"（{said}）" if said else ""
    if status in {401, 403}:
        return ModelError(
            Text(
                f"{host} does not give this model to us: status {status}{reason}.",
                f"{host} 拒绝提供该模型：状态码 {status}{grund}。",
            ),
            Text(
                f"Check the name. If its page {page} asks for agreement, agree there, make a token and set HF_TOKEN "
                "(ModelScope: MODELSCOPE_API_TOKEN).",
                f"请检查名称。若 {page} 要求同意协议，请先在该页面同意，再创建令牌并设置 HF_TOKEN"
                "（魔搭：MODELSCOPE_API_TOKEN）。",
            ),
        )
    if status == 404:
        return ModelError(
            Text(f"{host} has no such model: {page}{reason}.", f"{host} 上没有该模型：{page}{grund}。"),
            Text(
                "Check OWNER/REPO, capitals too, on the hub's page; many names end in -GGUF.",
                "请在站点页面上核对 OWNER/REPO（含大小写）；许多名称以 -GGUF 结尾。",
            ),
        )
    return ModelError(
        Text(f"{host} answers with status {status}{reason} to {page}.", f"{host} 返回状态码 {status}{grund}：{page}。"),
        Text("Try again later, or from the other hub (--from).", "请稍后再试，或用 --from 换一个站点。"),
    )


def asked_to_wait(host: str, seconds: float) -> ModelError:
    """Too many requests, and the wait is longer than a person wants to sit through unasked."""
    return ModelError(
        Text(
            f"{host} has had too many requests from here and asks to wait {seconds:.0f} s.",
            f"{host} 收到的请求过多，要求等待 {seconds:.0f} 秒。",
        ),
        Text(
            "Run the same command again then: what has been fetched is kept. A token (HF_TOKEN) raises the limit.",
            "届时重新运行同一命令即可，已下载的部分会保留。设置 HF_TOKEN 可提高限额。",
        ),
    )


def wrong_content(name: str, url: str, why: Text) -> ModelError:
    """What came is not what the hub announced; it has been thrown away."""
    return ModelError(
        Text(f"{name} did not arrive as announced: {why.en}.", f"{name} 与站点公布的内容不符：{why.zh}。"),
        Text(
            f"Nothing of it was kept. Try again, or from another source (--from, HF_ENDPOINT); it came from {url}.",
            f"已全部丢弃。请重试，或更换来源（--from、HF_ENDPOINT）；下载地址为 {url}。",
        ),
    )


def strange_answer(host: str, url: str) -> ModelError:
    """What answers there is no such hub: a portal's login page, another service."""
    return ModelError(
        Text(f"What {host} answers is not understood ({url}).", f"无法理解 {host} 的应答（{url}）。"),
        Text(
            "Check HF_ENDPOINT or MODELSCOPE_ENDPOINT, and whether the network asks for a login first.",
            "请检查 HF_ENDPOINT 或 MODELSCOPE_ENDPOINT，以及网络是否需要先登录。",
        ),
    )
