"""Where people sign in: a page for names and passwords, before any of Streamlit's, and what is said when another's sign-in
page let nobody in. Who may do what once they are in is the pages' to ask (`app.caller`).
"""

from __future__ import annotations

import contextlib
import html
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from app.access import answer, lead
from ingest import SIGN_IN, Text, UsageError, ZhikuError, load_settings, people_kept, say, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from agents import AccessPolicy

IN, OUT = "/sign-in", "/sign-out"
_ELSEWHERE: Final = ("/auth/login", "/oauth2callback")
"""Streamlit's ways to a provider and back."""
_USER = "_streamlit_user"
"""The cookie that Streamlit leaves for who was let in."""
_PLACE = re.compile(r"/(?![/\\])[\x21-\x7e]{0,2000}")
"""An address of ours: `//name` would lead to another machine."""
_ASKED_SECONDS = 600
"""For which a page that was asked for is remembered, while somebody signs in."""
_NEEDED = ("client_id", "client_secret", "server_metadata_url")


def session_cookie(port: int) -> str:
    """The cookie of an application at that port: cookies do not know of ports."""
    return f"zhiku-signed-in-{port}"


def check_sign_in(home: Path) -> None:
    """Raises `UsageError` where `sign-in.toml` lacks what a provider needs."""
    import tomllib

    file = home / SIGN_IN
    if not file.exists():
        return
    try:
        auth: dict[str, Any] = tomllib.loads(file.read_text("utf-8")).get("auth", {})
    except (OSError, ValueError) as error:
        raise UsageError(Text(f"{file} can't be read: {error}.", f"无法读取 {file}：{error}。")) from error
    providers = [value for value in auth.values() if isinstance(value, dict)] or [auth]
    lacking = [name for name in ("redirect_uri", "cookie_secret") if name not in auth]
    lacking += [name for name in _NEEDED if any(name not in provider for provider in providers)]
    if lacking or len(str(auth["cookie_secret"])) < 32:
        named = ", ".join(lacking) or "cookie_secret"
        raise UsageError(
            Text(f"[auth] in {file} lacks {named}.", f"{file} 的 [auth] 缺少 {named}。"),
            Text(
                "docs/serve.md shows one whole; cookie_secret has 32 random characters or more.",
                "完整示例见 docs/serve.zh.md；cookie_secret 须为 32 个以上的随机字符。",
            ),
        )


def signs_in(home: Path) -> bool:
    """Whether people sign in to the application of that home."""
    if not people_kept(home):
        return False
    from agents import AccessPolicy

    with contextlib.closing(AccessPolicy.of(home, 0, dict, load_settings(home).store)) as policy:
        return policy.people.signing_in


class SignIn:
    """ASGI middleware. Nothing of it is asked in a home where nobody signs in."""

    def __init__(self, app: ASGIApp, *, home: Path, port: int, days: int) -> None:
        """`days`: how long the trail is kept."""
        self._app, self._home = app, home
        self._cookie = session_cookie(port)
        self._asked = f"zhiku-asked-{port}"
        """The cookie with the page that was asked for: it leads there whichever way people sign in."""
        self._days = days

    @cached_property
    def _policy(self) -> AccessPolicy:
        from agents import AccessPolicy

        return AccessPolicy.of(self._home, self._days, dict, load_settings(self._home).store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] not in {"http", "websocket"} or not people_kept(self._home):
            await self._app(scope, receive, send)
            return
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import HTTPConnection, Request

        asked = HTTPConnection(scope)
        accepted = asked.headers.get("accept-language", "")
        with speaking("zh" if accepted.lower().startswith("zh") else "en"):
            accounts = self._policy.people.accounts
            cookies = asked.cookies
            token, known = cookies.get(self._cookie, ""), _USER in cookies
            if scope["path"] == IN and accounts.any:
                await self._sign_in(Request(scope, receive), send)
            elif scope["path"] == OUT:
                await run_in_threadpool(accounts.sign_out, token)
                await lead(send, IN if accounts.any else "/", f"{self._cookie}=; Path=/; Max-Age=0")
            elif scope["path"] in _ELSEWHERE:
                back = self._back(cookies) if scope["path"] == _ELSEWHERE[1] else ()
                await self._app(scope, receive, _telling(send, scope["path"], *back))
            elif not accounts.any or accounts.user(token) or (self._home / SIGN_IN).exists():
                left = "" if known or accounts.user(token) else self._remembered(scope)
                await self._app(scope, receive, _leaving(send, left))  # the pages ask who it is
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await lead(send, IN, self._remembered(scope))

    def _remembered(self, scope: Scope) -> str:
        """A cookie for the page that a browser has asked for; '' where it was something else, or the first one."""
        accepts = dict(scope["headers"]).get(b"accept", b"")
        query = scope.get("query_string", b"").decode("latin-1")
        asked = quote(scope["path"]) + (f"?{query}" if query else "")
        if scope.get("method") != "GET" or b"text/html" not in accepts or asked == "/" or not _PLACE.fullmatch(asked):
            return ""
        return f"{self._asked}={quote(asked, safe='')}; Path=/; Max-Age={_ASKED_SECONDS}; HttpOnly; SameSite=Lax"

    def _back(self, cookies: Mapping[str, str]) -> tuple[str, str]:
        """The page to go to for who has signed in, and a cookie that forgets it."""
        if self._asked not in cookies:
            return "/", ""
        asked = unquote(cookies[self._asked])
        return asked if _PLACE.fullmatch(asked) else "/", f"{self._asked}=; Path=/; Max-Age=0"

    async def _sign_in(self, request: Any, send: Send) -> None:  # noqa: ANN401 - Starlette's, imported when it is needed
        from starlette.concurrency import run_in_threadpool

        if request.method != "POST":
            await _answer(send, 200, _form())
            return
        form = await request.form(max_files=0, max_fields=4)
        name, password = (str(form.get(field, ""))[:1000] for field in ("name", "password"))
        try:
            token = await run_in_threadpool(self._policy.people.accounts.sign_in, name.strip(), password)
        except ZhikuError as error:
            self._policy.audit.write(name.strip()[:100], "", "app", "read", "", "sign in", allowed=False)
            await _answer(send, 403, _form(error))
            return
        self._policy.audit.write(name.strip(), "", "app", "read", "", "sign in", allowed=True)
        safe = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        where, forgotten = self._back(request.cookies)
        mine = f"{self._cookie}={token}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if safe else "")
        await lead(send, where, mine, forgotten)


def _leaving(send: Send, cookie: str) -> Send:
    """`send` that leaves a cookie, where there is one to leave."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"set-cookie", cookie.encode())]}
        await send(message)

    return sending if cookie else send


def _telling(send: Send, path: str, where: str = "", forgotten: str = "") -> Send:
    """`send` that says so where a provider let nobody in: Streamlit would show the pages again without a word. Who was let in
    goes to `where` and not to the first page."""
    refused: list[bool] = []
    user = f"{_USER}=".encode()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            cookies = [value for name, value in message.get("headers", ()) if name.lower() == b"set-cookie"]
            known = any(value.startswith(user) and not value.startswith(user + b'""') for value in cookies)
            refused.append(not known if path == _ELSEWHERE[1] else message["status"] >= 400)
            if refused[0]:
                await _answer(send, 403, _told())
            if forgotten:
                kept = [(name, value) for name, value in message["headers"] if name.lower() != b"location"]
                kept += [(b"location", where.encode()), (b"set-cookie", forgotten.encode())]
                message = {**message, "headers": kept}
        if not refused[0]:
            await send(message)

    return sending


def _told() -> str:
    what = say("The sign-in did not succeed.", "登录未成功。")
    why = say(
        "The provider can't be reached or has refused, it took too long, or the clocks of both machines are minutes apart.",
        "登录服务无法连接或已拒绝、等待时间过长，或两台机器的时钟相差数分钟。",
    )
    again = say("Try again", "重试")
    return f'<h1>{what}</h1><p role="alert">{why}</p><p><a href="/">{again}</a></p>'


def _form(error: ZhikuError | None = None) -> str:
    told = html.escape(f"{error.message} {error.hint or ''}") if error else ""
    return (
        f'<form method="post" action="{IN}"><h1>{say("Zhiku", "智库")}</h1>'
        + (f'<p role="alert">{told}</p>' if told else "")
        + f'<label>{say("Name", "用户名")}<input name="name" autocomplete="username" required autofocus></label>'
        f"<label>{say('Password', '密码')}"
        '<input name="password" type="password" autocomplete="current-password" required></label>'
        f"<button>{say('Sign in', '登录')}</button></form>"
    )


_STYLE: Final = (
    "body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:12vh auto;max-width:20rem;padding:0 1rem;"
    "color:#22282b;background:#fcfbf8}h1{font-size:1.5rem}label{display:block;margin:1rem 0}"
    "input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit;border:1px solid #6b7280;"
    "border-radius:.5rem}button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:#2b6a5b;"
    "color:#fff}[role=alert]{color:#b42318}@media(prefers-color-scheme:dark){body{color:#e8e6e1;background:#181b1c}"
    "input{background:#1e2223;color:inherit}[role=alert]{color:#ff9b8f}a{color:#6fbfa6}}"
)


async def _answer(send: Send, status: int, body: str) -> None:
    lang, title = say("en", "zh-CN"), say("Sign in · Zhiku", "登录 · 智库")
    page = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        # With the door's own policy a browser would say of the form that it comes from nowhere.
        '<meta name="referrer" content="same-origin">'
        f"<title>{title}</title><style>{_STYLE}</style><main>{body}</main></html>"
    )
    await answer(send, status, page)
