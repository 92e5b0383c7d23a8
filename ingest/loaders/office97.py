"""Word, Excel and PowerPoint files of before 2007, converted by LibreOffice where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ingest.apart.processes import end, started
from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text, say

SECONDS = 100
"""Of time, and of one processor's time, that a conversion may take."""
_TARGETS = {
    "doc": ("DOC (Word 97–2003)", "docx", "application/msword"),
    "xls": ("XLS (Excel 97–2003)", "xlsx", "application/vnd.ms-excel"),
    "ppt": ("PPT (PowerPoint 97–2003)", "pptx", "application/vnd.ms-powerpoint"),
}
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "/opt/libreoffice/program/soffice",
)
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item
oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
oor:op="fuse"><value>true</value></prop><prop oor:name="BlockUntrustedRefererLinks"
oor:op="fuse"><value>true</value></prop></item></oor:items>
"""
"""No macro of a file runs, and nothing that it links to is fetched."""


def load_office97(path: Path, kind: str, load: Callable[[Path], Parsed]) -> Parsed:
    """The file as `load` reads what LibreOffice makes of it. `kind`: 'doc', 'xls' or 'ppt'.

    Raises `LoadError` where LibreOffice is not installed, fails, or takes longer than `SECONDS`.
    """
    name, target, media_type = _TARGETS[kind]
    office = shutil.which("soffice") or shutil.which("libreoffice") or next(filter(os.path.exists, _PLACES), None)
    if office is None:
        raise LoadError(
            Text(
                f"The format {name} is read with LibreOffice, which is not installed.",
                f"读取 {name} 格式需要 LibreOffice，但本机未安装。",
            ),
            Text(
                f"Install LibreOffice, or open the file in its program and save it as {target.upper()}.",
                f"请安装 LibreOffice，或用原程序打开并另存为 {target.upper()}。",
            ),
        )
    with tempfile.TemporaryDirectory(prefix="zhiku-office-") as folder:
        made = _convert(office, path, kind, target, Path(folder))
        if made is None:
            raise LoadError(
                Text(f"LibreOffice could not convert this {name} file.", f"LibreOffice 无法转换该 {name} 文件。"),
                Text(
                    f"Open it in its program and save it as {target.upper()}.",
                    f"请用原程序打开并另存为 {target.upper()}。",
                ),
            )
        parsed = load(made)
    note = say("Read as LibreOffice converts it.", "由 LibreOffice 转换后读取。")
    title = path.stem if parsed.title == made.stem else parsed.title
    return replace(parsed, title=title, media_type=media_type, notes=(note, *parsed.notes))


def _convert(office: str, path: Path, kind: str, target: str, folder: Path) -> Path | None:
    """The converted file within `folder`; None where there is none in the end."""
    profile, source = folder / "profile", folder / f"document.{kind}"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
    shutil.copyfile(path, source)
    # A proxy that isn't there: what a document refers to on the net stays there.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    command = [
        office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", target, "--outdir", str(folder), str(source),
    ]  # fmt: skip
    process = started(command, {**os.environ, **nowhere, "HOME": str(folder)}, stdin=subprocess.DEVNULL)
    if sys.platform == "linux":  # it outlives a worker that is ended meanwhile, but not for long
        import resource

        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
    with process:
        try:
            process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(process)
    made = source.with_suffix(f".{target}")
    return made if made.is_file() else None
