"""Changing values in `settings.toml` while leaving its comments, order and everything else as a person wrote it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import FILE, PREFIX, broken, checked, default_home
from ingest.whole_files import written

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HEADER = """\
Settings of Zhiku, in force the next time something starts.
智库的设置，下次启动时生效。
"""


def settings_path(home: Path | None = None, config: str | Path | None = None) -> Path:
    """The file that `load_settings` reads."""
    return Path(config or os.environ.get("ZHIKU_CONFIG") or (home or default_home()) / FILE)


def overridden(key: str) -> bool:
    """True when an environment variable decides this setting, whatever the file says."""
    return bool(os.environ.get(f"{PREFIX}{key.upper()}"))


def change_settings(path: Path, **values: str | float | bool) -> None:
    """Set `values` in the settings file `path`, made if it is not there, in one atomic step; its mode stays.

    Raises `UsageError` for an unknown key (naming the nearest), a value of the wrong kind, a file that is not valid
    TOML or can't be written: nothing is changed then.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    values = checked(values, Text(str(path), str(path)))
    try:
        document = tomlkit.parse(path.read_bytes().decode("utf-8-sig")) if path.exists() else _fresh()
        document.update(values)
        with written(path.resolve()) as draft:
            draft.write(tomlkit.dumps(document).encode("utf-8"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise broken(path, error) from error
    except OSError as error:
        raise UsageError(
            Text(f"{path} can't be written: {error.strerror}.", f"无法写入 {path}：{error.strerror}。"),
            Text("Check the folder's permissions and free space.", "请检查文件夹的权限和剩余空间。"),
        ) from error


def _fresh() -> TOMLDocument:
    import tomlkit

    document = tomlkit.document()
    for line in HEADER.splitlines():
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    return document
