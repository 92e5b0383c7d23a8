"""`python -m app`: start the application and say where it is."""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
import sys
from pathlib import Path

from ingest import Text, UsageError, ZhikuError, load_settings, say, speak

MAIN = Path(__file__).with_name("main.py")


def main(arguments: list[str] | None = None) -> int:
    """Check the address, print it, and serve until interrupted. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="zhiku app", description=say(en="The chat in your browser.", zh="浏览器中的聊天界面。")
    )
    parser.add_argument("--home", type=Path, help=say(en="folder of the library", zh="知识库所在文件夹"))
    parser.add_argument("--host", help=say(en="address to listen on (127.0.0.1)", zh="监听地址（127.0.0.1）"))
    parser.add_argument("--port", type=int, help=say(en="port to listen on (8501)", zh="监听端口（8501）"))
    parser.add_argument("--open", action="store_true", help=say(en="open a browser window", zh="打开浏览器窗口"))
    options = parser.parse_args(arguments)
    if options.home:
        os.environ["ZHIKU_HOME"] = str(options.home.expanduser().absolute())
    try:
        settings = load_settings(host=options.host, port=options.port)
        if settings.language != "auto":
            speak(settings.language)
        check_free(settings.host, settings.port)
    except ZhikuError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    if not is_loopback(settings.host):
        sys.stderr.write(
            say(
                en=f"Warning: anyone who reaches {settings.host} can read the documents; there is no password.\n",
                zh=f"警告：任何能访问 {settings.host} 的人都能读取文档；应用没有密码保护。\n",
            )
        )
    shown = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else settings.host  # noqa: S104
    sys.stdout.write(
        say(
            en=f"Zhiku is at http://{shown}:{settings.port} (Ctrl-C ends it)\n",
            zh=f"智库已启动：http://{shown}:{settings.port}（按 Ctrl-C 结束）\n",
        )
    )
    sys.stdout.flush()
    serve(flags(settings.host, settings.port, settings.max_file_mb, open_browser=options.open))
    return 0


def flags(host: str, port: int, max_file_mb: int, *, open_browser: bool = False) -> list[str]:
    """What Streamlit is told beside `app/.streamlit/config.toml`. `allowedHosts` keeps a web page that points its
    own name at this machine (DNS rebinding) from talking to an application that listens on loopback only."""
    given = [
        f"--server.address={host}",
        f"--server.port={port}",
        f"--server.maxUploadSize={max_file_mb}",
        f"--server.headless={str(not open_browser).lower()}",
    ]
    if is_loopback(host):
        given += [f"--server.allowedHosts={name}" for name in dict.fromkeys(["localhost", "127.0.0.1", "::1", host])]
    return given


def is_loopback(host: str) -> bool:
    """True for names and addresses that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_free(host: str, port: int) -> None:
    """Raises `UsageError` when nothing can listen on this address: taken, not ours, or not allowed."""
    try:
        if not 1 <= port <= 65535:
            # getaddrinfo silently takes such a number modulo 65536.
            raise OverflowError(say(en="ports go from 1 to 65535", zh="端口范围为 1 到 65535"))
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As Streamlit's server does: a port in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            Text(en=f"Can't listen on {host}:{port}: {reason}.", zh=f"无法监听 {host}:{port}：{reason}。"),
            Text(
                en="Is the application already running? Otherwise choose another port with --port.",
                zh="应用是否已在运行？否则请用 --port 另选端口。",
            ),
        ) from error


def serve(given: list[str]) -> None:
    """Run Streamlit in this process until it is interrupted."""
    from streamlit.web import cli

    cli.main(["run", str(MAIN), *given], prog_name="streamlit", standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
