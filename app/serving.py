"""Streamlit put behind the door: every option it has is handed over, so that no file of another's changes one."""

from __future__ import annotations

import os
import secrets
import threading
import tomllib
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.access import Door
from app.signing_in import SignIn, signs_in
from ingest import SIGN_IN, Text, is_loopback

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from streamlit.starlette import App

    from ingest import Settings

FOLDER = Path(__file__).parent
MAIN = FOLDER / "main.py"
OPENING = Text("Zhiku is opening …", "智库正在打开……")
_PLAIN = "font:1.1rem/1.8 system-ui,sans-serif;color:#808080;text-align:center;padding-top:30vh"
NAMES = ("localhost", "127.0.0.1", "::1")
"""What this machine is called where nothing but it can ask."""


def options(host: str, port: int, max_file_mb: int, home: Path | None = None) -> dict[str, Any]:
    """Streamlit's options by their names: ours (`app/.streamlit/config.toml` and what belongs to this start), and its own
    default for every other, whatever a `.streamlit/config.toml` of the current folder or the user's says.

    With a `home`, who signs people in is read from there. Streamlit takes no empty value for a few that have none (`runner.parallelMaxWorkers` and the like: sizes, no doors).
    """
    from streamlit import config

    given = {
        name: option.default_val
        # The public list reads the files first, and ends with an exception at one that contradicts itself.
        for name, option in config._config_options_template.items()  # noqa: SLF001
        if option.default_val is not None and not option.sensitive and not name.startswith("theme.")
    }
    # Those without a plain default; and by default Streamlit's own hosts may put the pages in a frame.
    given |= {"server.sslCertFile": "", "server.sslKeyFile": "", "secrets.files": [], "client.allowedOrigins": []}
    given |= {"global.developmentMode": False}
    if home is not None and (home / SIGN_IN).exists():
        given["secrets.files"] = [str(home / SIGN_IN)]
    given |= _flat(tomllib.loads((FOLDER / ".streamlit" / "config.toml").read_text("utf-8")))
    given |= {"server.address": host, "server.port": port, "browser.serverPort": port, "browser.serverAddress": host}
    return given | {"server.maxUploadSize": max_file_mb, "server.allowedHosts": list(hosts(host, home) or [])}


def hosts(host: str, home: Path | None = None) -> tuple[str, ...] | None:
    """The names a request may call this machine by when it listens on `host`; None for any: where others reach it, and
    where a proxy may stand before it since people sign in, as who points a name of theirs at us then has no cookie."""
    signing_in = home is not None and signs_in(home)
    return tuple(dict.fromkeys([*NAMES, host])) if is_loopback(host) and not signing_in else None


def first_page(_: Request) -> Response:
    """Streamlit's page, which says that it opens until its scripts have come and drawn something: it is white for seconds."""
    from starlette.responses import HTMLResponse
    from streamlit.file_util import get_static_dir

    told = "".join(f'<div lang="{lang}">{text}</div>' for lang, text in (("zh", OPENING.zh), ("en", OPENING.en)))
    shown = f'<div role="status" style="{_PLAIN}">{told}</div>'
    page = Path(get_static_dir(), "index.html").read_text("utf-8").replace('<div id="root">', f'<div id="root">{shown}')
    return HTMLResponse(
        page.replace("<title>Streamlit<", "<title>智库 · Zhiku<"), headers={"Cache-Control": "no-cache"}
    )


def application(home: Path, host: str, port: int, days: int, *, key: str, shown: str = "") -> App:
    """The pages behind the door; `shown` is opened in a browser once they are there."""
    from starlette.middleware import Middleware
    from starlette.routing import Route
    from streamlit.starlette import App

    @asynccontextmanager
    async def opening(_app: App) -> AsyncIterator[dict[str, Any]]:
        if shown:
            # A thread: some browsers (those of a terminal) come back only when they are closed.
            threading.Thread(target=webbrowser.open, args=(shown,), daemon=True).start()
        from app.opening import current, open_early
        from app.timed import keep_time

        threading.Thread(target=open_early, name="zhiku-opening", daemon=True).start()
        keeper = keep_time(current)
        yield {}
        keeper.stop()

    door = Middleware(Door, key=key, port=port, hosts=hosts(host, home))
    sign_in = Middleware(SignIn, home=home, port=port, days=days)
    return App(MAIN, routes=[Route("/", first_page)], middleware=[door, sign_in], lifespan=opening)


def serve(home: Path, settings: Settings, *, key: str, shown: str = "") -> None:
    """Serve where the settings say until interrupted, from the home folder: what lies in the folder one happened to stand in has no say."""
    for name, value in os.environ.items():
        # What a variable names beside that folder is still meant.
        if name.startswith("ZHIKU_") and (os.sep in value or value.endswith(".gguf")) and Path(value).exists():
            os.environ[name] = str(Path(value).absolute())
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    # The one option Streamlit takes from the environment and from files alone.
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = secrets.token_hex(32)
    host, port = settings.host, settings.port
    served = application(home, host, port, settings.audit_days, key=key, shown=shown)
    served.run(config=options(host, port, settings.max_file_mb, home))


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"server": {"port": 1}}` as `{"server.port": 1}`."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found
