"""`python -m app`: start the application and say where it is."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.access import KEY, new_key
from app.serving import serve
from app.signing_in import check_sign_in, signs_in
from ingest import (
    Text,
    UsageError,
    ZhikuError,
    bound,
    default_home,
    exposed_keys,
    is_loopback,
    load_settings,
    private_files,
    say,
    speak,
)

EVERYONE = "--let-everyone-in"
"""The words that open an application beyond this machine where nobody signs in."""


def main(arguments: list[str] | None = None) -> int:
    """Check the address, print it, and serve until interrupted. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="zhiku app", description=say("The chat in your browser.", "浏览器中的聊天界面。")
    )
    parser.add_argument("--home", type=Path, help=say("folder of the library", "知识库所在文件夹"))
    parser.add_argument("--host", help=say("address to listen on (127.0.0.1)", "监听地址（127.0.0.1）"))
    parser.add_argument("--port", type=int, help=say("port to listen on (8501)", "监听端口（8501）"))
    parser.add_argument("--open", action="store_true", help=say("open a browser window", "打开浏览器窗口"))
    parser.add_argument(
        EVERYONE,
        action="store_true",
        help=say("start where others can reach it and nobody signs in", "即使他人可访问且无需登录也启动"),
    )
    options = parser.parse_args(arguments)
    if options.home:
        os.environ["ZHIKU_HOME"] = str(options.home.expanduser().absolute())
    private_files()
    try:
        settings = load_settings(host=options.host, port=options.port)
        if settings.language != "auto":
            speak(settings.language)
        check_sign_in(default_home())
        signed_in = signs_in(default_home())
        key = new_key() if settings.app_protected and not signed_in else ""
        warning = checked(settings.host, signed_in=signed_in, key=bool(key), everyone=options.let_everyone_in)
        check_free(settings.host, settings.port)
    except ZhikuError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    for told in filter(None, (exposed_keys(), warning)):
        sys.stderr.write(f"{told}\n")
    shown = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else settings.host  # noqa: S104
    address = f"http://{shown}:{settings.port}/" + (f"?{KEY}={key}" if key else "")
    sys.stdout.write(say(f"Zhiku is at {address} (Ctrl-C ends it)\n", f"智库已启动：{address} （按 Ctrl-C 结束）\n"))
    sys.stdout.flush()
    opened = address if options.open else ""
    serve(default_home(), settings, key=key, shown=opened)
    return 0


def checked(host: str, *, signed_in: bool, key: bool, everyone: bool) -> Text | None:
    """What to warn of before listening on `host`, where people sign in or not, with or without a key in the address. Raises
    `UsageError` where others could reach it without signing in and nobody said that they may."""
    if is_loopback(host):
        return None
    if signed_in:
        return Text(
            "Warning: nothing is encrypted on the way, passwords neither: put a proxy with TLS in front.",
            "警告：传输未加密，密码也是明文：请在前面加一个带 TLS 的代理。",
        )
    who = Text(f"everyone who reaches {host}", f"任何能访问 {host} 的人")
    if key:
        who = Text(f"whoever reaches {host} and has the key", f"任何能访问 {host} 且持有密钥的人")
    if not everyone:
        raise UsageError(
            Text(
                f"Zhiku does not start on {host} while nobody signs in: {who.en} could read every document, delete them, "
                "and have tasks carried out with your rights.",
                f"无需登录时，智库不会在 {host} 上启动：{who.zh}都能读取、删除全部文档，并以您的权限执行任务。",
            ),
            Text(
                f"Let people sign in (docs/serve.md), listen on 127.0.0.1, or say {EVERYONE}.",
                f"请设置登录（docs/serve.zh.md）、改为监听 127.0.0.1，或明确加上 {EVERYONE}。",
            ),
        )
    return Text(
        f"Warning: {who.en} can read every document, delete them, and have tasks carried out with your rights. Nothing is "
        "encrypted on the way.",
        f"警告：{who.zh}都能读取、删除全部文档，并以您的权限执行任务。传输未加密。",
    )


def check_free(host: str, port: int) -> None:
    """Raises `UsageError` when nothing can listen on this address: taken, not ours, or not allowed."""
    try:
        if not 1 <= port <= 65535:
            # getaddrinfo silently takes such a number modulo 65536.
            raise OverflowError(say("ports go from 1 to 65535", "端口范围为 1 到 65535"))
        bound(host, port).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            Text(f"Can't listen on {host}:{port}: {reason}.", f"无法监听 {host}:{port}：{reason}。"),
            Text(
                "Is the application already running? Otherwise choose another port with --port.",
                "应用是否已在运行？否则请用 --port 另选端口。",
            ),
        ) from error


if __name__ == "__main__":
    sys.exit(main())
