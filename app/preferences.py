"""Writing `settings.toml`: one value changed, everything else in the file, comments too, left as it was."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import FILE, load_settings

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HEADER = """\
Settings of Zhiku, in force the next time something starts.
智库的设置，下次启动时生效。
"""


def write(home: Path, **values: str | float) -> Path:
    """Set `values` in the home's settings file and return its path.

    Checks the result before it replaces the file. Raises `UsageError` for an unknown key, a value of the wrong kind,
    a file that is not valid TOML, or one that cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    path = file_of(home)
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else _fresh()
    except (ParseError, UnicodeDecodeError) as error:
        raise UsageError(
            Text(en=f"{path} is not valid TOML: {error}.", zh=f"{path} 不是合法的 TOML：{error}。"),
            Text(en="Correct that line, or move the file away.", zh="请修正该行，或移走此文件。"),
        ) from error
    for key, value in values.items():
        document[key] = value
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".settings-", suffix=".toml")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(tomlkit.dumps(document))
            load_settings(home, config=Path(temporary))
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            Text(en=f"{path} can't be written: {error.strerror}.", zh=f"无法写入 {path}：{error.strerror}。"),
            Text(en="Check the folder's permissions and free space.", zh="请检查文件夹的权限和剩余空间。"),
        ) from error
    return path


def file_of(home: Path) -> Path:
    """The settings file in force: the one `--config` named, else that of the home."""
    return Path(os.environ.get("ZHIKU_CONFIG") or home / FILE)


def overridden(key: str) -> bool:
    """True when an environment variable decides this setting, whatever the file says."""
    return bool(os.environ.get(f"ZHIKU_{key.upper()}"))


def _fresh() -> TOMLDocument:
    import tomlkit

    document = tomlkit.document()
    for line in HEADER.splitlines():
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    return document
