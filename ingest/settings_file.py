"""Changing one value in `settings.toml` while leaving its comments, order and everything else as a person wrote it."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from pathlib import Path

from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import FILE, default_home


def settings_file(home: Path | None = None, config: str | Path | None = None) -> Path:
    """The file that `load_settings` reads."""
    return Path(config or os.environ.get("ZHIKU_CONFIG") or (home or default_home()) / FILE)


def set_value(path: Path, key: str, value: str | float | bool) -> None:  # noqa: FBT001 - a setting's value
    """Write `key = value` into the flat TOML file `path`, made if it is not there, in one atomic step.

    Raises `UsageError` when the file is not valid TOML or can't be written: nothing is changed then.
    """
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        tomllib.loads(text)
        changed = _changed(text, key, json.dumps(value, ensure_ascii=False))
        tomllib.loads(changed)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
            draft.write(changed)
        Path(draft.name).replace(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            Text(en=f"{path} can't be changed: {error}.", zh=f"无法修改 {path}：{error}。"),
            Text(en="Correct it by hand, or move the file away.", zh="请手动修正，或移走此文件。"),
        ) from error


def _changed(text: str, key: str, value: str) -> str:
    """The line of `key` replaced, a comment behind it kept; otherwise a new line before the first table."""
    line = re.compile(
        rf"^([ \t]*{re.escape(key)}[ \t]*=[ \t]*)(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^#\n]*?)([ \t]*(?:#.*)?)$",
        re.MULTILINE,
    )
    if line.search(text):
        return line.sub(lambda match: f"{match[1]}{value}{match[3]}", text, count=1)
    table = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    head, tail = (text[: table.start()], text[table.start() :]) if table else (text, "")
    if head and not head.endswith("\n"):
        head += "\n"
    return f"{head}{key} = {value}\n{tail}"
