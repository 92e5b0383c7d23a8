"""What goes wrong between here and a hub."""

from __future__ import annotations

from ingest.errors import ModelError
from ingest.language import Text


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
