"""`zhiku serve`, and who may use it: `zhiku keys`, `zhiku users`, `zhiku audit`."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from agents.access.audit import Audit, Entry
from agents.access.keys import Key
from agents.access.people import User
from agents.access.policy import AccessPolicy
from agents.access.rights import EVERY, Role, Verb
from agents.cli.opening import opened
from agents.platform import Platform
from ingest.cli.shell import Common, emit, listing, note, tell
from ingest.language import say
from ingest.library import Library
from ingest.records import to_json

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


PORT = 8503


def serve(options: Common, host: str | None, port: int | None, model: str | None, *, everyone: bool) -> None:
    """Serve until Ctrl-C. Raises `UsageError` when it can't listen there, or would let everyone in unasked."""
    from agents.serve.application import Limits, make_application
    from agents.serve.listening import LOOPBACK, checked, listening
    from agents.serve.listening import serve as serve_on
    from ingest.web.addresses import is_loopback

    settings = options.settings(model=model)
    host = host or LOOPBACK
    with (
        opened(options, model=model) as platform,
        _access(options, platform.library) as policy,
    ):
        keys = policy.people.in_force
        warning = checked(host, keys=keys, everyone=everyone)
        listener = listening(host, PORT if port is None else port)
        app = make_application(
            platform,
            policy,
            version=_version(),
            limits=Limits(
                rate=settings.serve_rate,
                at_once=settings.serve_at_once,
                seconds=settings.serve_seconds,
                upload_mb=settings.max_file_mb,
            ),
            hosts=None if keys or not is_loopback(host) else ("127.0.0.1", "::1", "localhost"),
            mcp=_Mcp(platform, policy),
        )
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}"
        if warning:
            note(options, str(warning))
        _log_to(options.folder / "logs" / "serve.log")
        serve_on(app, listener, partial(_started, options, address, keys=keys))


def _log_to(file: Path) -> None:
    """Bugs of ours with their tracebacks, which no client is shown."""
    from logging.handlers import RotatingFileHandler

    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logging.getLogger("agents.serve").addHandler(handler)


def _started(options: Common, address: str, *, keys: bool) -> None:
    who = say("with a key (`zhiku keys`)", "需密钥（`zhiku keys`）") if keys else say("without any key", "无需密钥")
    note(
        options,
        say(
            f"Serving at {address}, {who}: OpenAI's API under /v1, ours under /api, MCP at /mcp (Ctrl-C ends it).",
            f"服务地址 {address}，{who}：/v1 为 OpenAI 兼容接口，/api 为本产品接口，/mcp 为 MCP（按 Ctrl-C 结束）。",
        ),
    )


class _Mcp:
    """MCP as a face of the server: each call is held to what the key it comes with may read."""

    def __init__(self, platform: Platform, policy: AccessPolicy) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from agents.mcp_server.offer import Offer
        from agents.mcp_server.protocol import make_server

        self._policy = policy
        # Hosts and origins have been looked at before.
        self._manager = StreamableHTTPSessionManager(make_server(Offer(lambda: platform), _version()), max_sessions=64)

    def run(self) -> Any:  # noqa: ANN401 - a context manager of the SDK's
        """Around all requests."""
        return self._manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        from agents.mcp_server.offer import ALLOWS
        from agents.serve.guard import WHO

        scope[ALLOWS] = partial(self._policy.reads, scope[WHO], face="mcp")
        await self._manager.handle_request(scope, receive, send)


# -- keys -------------------------------------------------------------------------------------------------------------


def add_key(
    options: Common, name: str, scope: Verb, user: str, days: float | None, origin: tuple[str, ...], webhook: str
) -> None:
    """The key is printed this once; for one for web pages, what to put into them. Raises `UsageError`."""
    with _access(options) as policy:
        kbs = options.kbs if options.values.get("kb") else ()
        key, text = policy.people.add_key(
            name, scope=scope, kbs=kbs, user=user, days=days, origins=origin, webhook=webhook
        )
    if options.json:
        emit({**_shown(key), "key": text})
        return
    if key.origins is not None:
        click.echo(f'<script src="https://YOUR-SERVER/widget.js" data-key="{text}" defer></script>')
        return
    click.echo(text)
    note(
        options,
        say(
            "It is shown this once. A server that runs asks for a key from now on.",
            "密钥只显示这一次。此后服务器会要求密钥。",
        ),
    )


def list_keys(options: Common) -> None:
    """Never the keys themselves: nobody has them."""
    with _access(options) as policy:
        keys = policy.people.keys()
    lines = [_key_line(key) for key in keys] or [say("There are no keys.", "没有密钥。")]
    listing(options, {"keys": [_shown(key) for key in keys]}, lines)


def _key_line(key: Key) -> str:
    bases = say("all", "全部") if key.kbs is None else ", ".join(key.kbs) or "-"
    bases += f"  ({', '.join(key.origins)})" if key.origins else ""
    gone = say("  (revoked)", "（已撤销）") if key.revoked else say("  (expired)", "（已过期）")
    used = say(f"used {key.used or '-'}", f"最近使用 {key.used or '-'}") + ("" if key.valid else gone)
    until = say(f"until {key.expires}", f"有效至 {key.expires}") + "  " if key.expires else ""
    return f"{key.id}  {key.name}  {key.user or '-'}  {key.scope}  {bases}  {until}{used}"


def revoke_key(options: Common, key: str) -> None:
    """It opens nothing from the next request on. Raises `UsageError`."""
    with _access(options) as policy:
        found = policy.people.revoke(key)
    tell(options, _shown(found), say(f"'{found.name}' is revoked.", f"已撤销 “{found.name}”。"))


# -- users ------------------------------------------------------------------------------------------------------------


def list_users(options: Common) -> None:
    """Each with the roles they have."""
    with _access(options) as policy:
        users = policy.people.users()
    lines = [_user_line(user) for user in users] or [say("There are no users.", "没有用户。")]
    listing(options, {"users": to_json(users)}, lines)


def _user_line(user: User) -> str:
    held = [("", user.roles), *user.groups.items()]
    roles = [
        f"{group} ".lstrip() + (", ".join(f"{kb}: {role}" for kb, role in own.items()) or "-") for group, own in held
    ]
    return f"{user.name}  {'; '.join(roles)}"


def add_user(options: Common, name: str) -> None:
    """Who may do nothing yet. Raises `UsageError`."""
    with _access(options) as policy:
        policy.people.add_user(name)
    tell(options, {"user": name}, say(f"Added '{name}'.", f"已添加 “{name}”。"))


def remove_user(options: Common, name: str) -> None:
    """With roles and keys. Raises `UsageError`."""
    with _access(options) as policy:
        policy.people.remove_user(name)
    tell(options, {"removed": name}, say(f"Removed '{name}'.", f"已移除 “{name}”。"))


def set_password(options: Common, name: str, *, none: bool) -> None:
    """Asked for twice at a terminal, read from standard input otherwise. Raises `UsageError`."""
    password = None
    if not none and sys.stdin.isatty():
        password = click.prompt(say("Password", "密码"), hide_input=True, confirmation_prompt=True)
    elif not none:
        password = sys.stdin.readline().rstrip("\r\n")
    with _access(options) as policy:
        policy.people.set_password(name, password)
    told = say(f"'{name}' can sign in.", f"“{name}” 可以登录了。")
    if none:
        told = say(f"'{name}' has no password any more.", f"“{name}” 不再有密码。")
    tell(options, {"user": name, "password": not none}, told)


def join(options: Common, name: str, group: str) -> None:
    """A user into a group. Raises `UsageError`."""
    with _access(options) as policy:
        policy.people.join(name, group)
    tell(options, {"user": name, "group": group}, say(f"'{name}' is in {group}.", f"“{name}” 已加入 {group}。"))


def leave(options: Common, name: str, group: str) -> None:
    """And out of it. Raises `UsageError`."""
    with _access(options) as policy:
        policy.people.join(name, group, leave=True)
    tell(options, {"user": name, "left": group}, say(f"'{name}' left {group}.", f"“{name}” 已退出 {group}。"))


def grant(options: Common, name: str, role: Role | Literal["none"], *, everything: bool) -> None:
    """A role, or none, on the knowledge base of `--kb`, or on all. Raises `UsageError`."""
    kb = EVERY if everything else options.kb
    with _access(options) as policy:
        policy.people.grant(name, None if role == "none" else role, kb)
    where = say("all knowledge bases", "全部知识库") if everything else kb
    told = (
        say(f"'{name}' is no longer anything in {where}.", f"已收回 “{name}” 在 {where} 的角色。")
        if role == "none"
        else say(f"'{name}' is {role} of {where}.", f"“{name}” 现为 {where} 的 {role}。")
    )
    tell(options, {"user": name, "kb": kb, "role": role}, told)


# -- the trail --------------------------------------------------------------------------------------------------------


def audit(options: Common, since: str, who: str, most: int) -> None:
    """Who did what when to which knowledge base; one line each, or one JSON object."""
    kb = options.kb if options.values.get("kb") else ""
    trail = Audit(options.folder, 0, options.settings().store)
    with contextlib.closing(trail):
        entries = trail.entries(since=since, who=who, kb=kb, most=most)
    nothing = say("Nothing is on record.", "没有操作记录。")
    listing(options, {"entries": to_json(entries)}, [_entry_line(entry) for entry in entries], nothing)


def _entry_line(entry: Entry) -> str:
    refused = "" if entry.allowed else say("  REFUSED", "  已拒绝")
    who_with = f"{entry.who} ({entry.key})" if entry.key else entry.who
    return f"{entry.at}  {who_with}  {entry.face}  {entry.verb}  {entry.kb or '-'}  {entry.what}{refused}"


@contextlib.contextmanager
def _access(options: Common, library: Library | None = None) -> Iterator[AccessPolicy]:
    """The policy of the home; its library is opened where a name of a knowledge base has to be looked up."""
    with contextlib.ExitStack() as opened:
        of_home = cache(lambda: library or opened.enter_context(options.library()))
        settings = options.settings()
        policy = AccessPolicy.of(options.folder, settings.audit_days, lambda: of_home().identities(), settings.store)
        yield opened.enter_context(contextlib.closing(policy))


def _shown(key: Key) -> dict[str, Any]:
    return {**to_json(key), "valid": key.valid}


def _version() -> str:
    from importlib.metadata import version

    return version("zhiku")
