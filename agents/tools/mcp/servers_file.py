"""Which MCP servers the user has configured: `mcp.json`, in the form every MCP client has.

    {"mcpServers": {"weather": {"command": "uvx", "args": ["weather-mcp"], "env": {"KEY": "${WEATHER_KEY}"},
                                "tools": ["get_weather"], "risk": "network"},
                    "notes":   {"url": "https://notes.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}}}

`tools`, `risk`, `timeout` and `disabled` are ours. A key nobody knows is an error: a mistyped `tools` would allow all.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from agents.tools.tool import RISKS, Risk
from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import Settings

DEFAULT_TIMEOUT = 60.0
_TYPES = {"stdio": "command", "http": "url", "streamable-http": "url", "streamable_http": "url"}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One configured server: either `command` or `url` is set."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """What the process gets beside PATH, HOME and the like; `${NAME}` stands for a variable of ours."""
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[str, ...] | None = None
    """Names of the tools that may be used, as the server calls them; None: all."""
    risk: Mapping[str, Risk] = field(default_factory=dict)
    """By tool, '*' for the others. The user's word; what a server says of itself doesn't count."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds to start, and for one call."""

    def risk_of(self, tool: str) -> Risk:
        """What a call of `tool` can do at worst: a program started here may do anything, a service far away sees
        what it is sent."""
        return self.risk.get(tool) or self.risk.get("*") or ("execute" if self.command else "network")

    @property
    def origin(self) -> str:
        """Changes when the user points the name at another program or service."""
        return hashlib.sha256(json.dumps([self.command, self.args, self.cwd, self.url]).encode()).hexdigest()


def servers_file(settings: Settings, home: Path) -> Path:
    """The file that `mcp_servers` names."""
    return home / Path(settings.mcp_servers).expanduser()


def read_servers(path: Path) -> list[ServerEntry]:
    """The servers of the file that are not disabled, in its order; none without a file. Raises `UsageError`."""
    return [_entry(path, name, given) for name, given in _listed(path).items() if not _disabled(given)]


def disabled_servers(path: Path) -> list[str]:
    """Names of those that the file has, but disabled. Raises `UsageError`."""
    return [name for name, given in _listed(path).items() if _disabled(given)]


def _listed(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise _wrong(path, en=f"it can't be read ({error})", zh=f"无法读取（{error}）") from error
    servers = data.get("mcpServers", data.get("servers")) if isinstance(data, dict) else None
    if not isinstance(servers, dict):
        raise _wrong(path, en="there is no 'mcpServers' in it", zh="缺少 “mcpServers”")
    return servers


def expanded(value: str) -> str:
    """`value` with `${NAME}` replaced from our environment. Raises `UsageError` for a variable that is not set."""

    def found(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise UsageError(
                Text(f"The variable {match[1]} is not set.", f"环境变量 {match[1]} 未设置。"),
                Text("It is named in the MCP servers' file.", "MCP 服务器文件引用了它。"),
            )
        return os.environ[match[1]]

    return _VARIABLE.sub(found, value)


def _disabled(given: object) -> bool:
    return isinstance(given, dict) and given.get("disabled") is True


def _entry(path: Path, name: str, given: object) -> ServerEntry:
    known = {
        "type": str, "transport": str, "command": str, "args": list, "env": dict, "cwd": str, "url": str,
        "headers": dict, "tools": list, "risk": (str, dict), "timeout": (int, float), "disabled": bool,
    }  # fmt: skip
    if not isinstance(given, dict) or not 1 <= len(name.strip()) <= 64:
        raise _wrong(path, en=f"'{name}' is no server", zh=f"“{name}” 不是服务器")
    for key, value in given.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            en, zh = (f"; did you mean '{near[0]}'?", f"；您是指 “{near[0]}” 吗？") if near else ("", "")
            raise _wrong(path, en=f"'{name}' has an unknown key '{key}'{en}", zh=f"“{name}” 有未知的键 “{key}”{zh}")
        if not _fits(value, known[key]):
            raise _wrong(path, en=f"'{key}' of '{name}' can't be {value!r}", zh=f"“{name}” 的 “{key}” 不能是 {value!r}")
    wanted = _TYPES.get(kind, "") if (kind := str(given.get("type", given.get("transport", "")))) else None
    if wanted == "" or ("command" in given) == ("url" in given) or (wanted and wanted not in given):
        raise _wrong(
            path,
            en=f"'{name}' needs either a command (stdio) or a url (streamable HTTP)",
            zh=f"“{name}” 需要 command（stdio）或 url（streamable HTTP）之一",
        )
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    for other in ("type", "transport", "disabled"):
        values.pop(other, None)
    return ServerEntry(name, **(values | {"risk": _risks(path, name, given.get("risk", {}))}))


def _fits(value: Any, kind: Any) -> bool:  # noqa: ANN401 - anything JSON has
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return all(isinstance(item, str) for item in inner) and not (isinstance(value, int | float) and value < 0)


def _risks(path: Path, name: str, given: str | dict[str, str]) -> dict[str, Risk]:
    asked = given if isinstance(given, dict) else {"*": given}
    choices = ", ".join(RISKS)
    for risk in asked.values():
        if risk not in RISKS:
            raise _wrong(
                path,
                en=f"risk of '{name}' is one of {choices}, not '{risk}'",
                zh=f"“{name}” 的 risk 须为 {choices} 之一，而不是 “{risk}”",
            )
    return cast("dict[str, Risk]", asked)


def _wrong(path: Path, en: str, zh: str) -> UsageError:
    return UsageError(
        Text(f"{path}: {en}{'' if en.endswith('?') else '.'}", f"{path}：{zh}{'' if zh.endswith('？') else '。'}"),
        Text("docs/mcp.md shows its form.", "格式见 docs/mcp.zh.md。"),
    )
