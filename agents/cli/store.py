"""`zhiku store migrate`: everything that is kept, from files to a database server or back."""

from __future__ import annotations

from agents.access.audit import AUDIT
from agents.access.tables import USERS
from ingest.catalog import CATALOG
from ingest.cli.shell import Common, note, tell
from ingest.database import at_server
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.migrating import migrate as bring
from ingest.migrating import settle
from ingest.pages import counted
from ingest.settings_file import change_settings, overridden, settings_path
from ingest.stores import BESIDE, JOBS

_EVERYTHING = (CATALOG, *BESIDE, JOBS, USERS, AUDIT)
FILES = "files"


def migrate(options: Common, target: str) -> None:
    """Bring everything to `target`, 'files' or a server's address, compare it, and put that into the settings."""
    source, to = options.settings().store, "" if target == FILES else target
    if to and not at_server(to):
        raise UsageError(
            Text(f"'{target}' is no place for it.", f"“{target}” 不是可用的位置。"),
            Text("Write postgresql://USER@HOST/DATABASE, or files.", "请写 postgresql://用户@主机/数据库 或 files。"),
        )
    if overridden("store"):
        raise UsageError(
            Text("ZHIKU_STORE decides where it is kept.", "存储位置由环境变量 ZHIKU_STORE 决定。"),
            Text("Put it into settings.toml instead, then migrate.", "请改为写入 settings.toml 后再迁移。"),
        )
    if source == to:
        raise UsageError(Text("It is there already.", "数据已在该处。"))
    rows = bring(options.folder, source, to, _EVERYTHING, lambda table, count: note(options, f"{table}: {count}"))
    change_settings(settings_path(options.home), store=to)
    settle(options.folder, source, _EVERYTHING)
    total = sum(rows.values())
    tell(
        options,
        {"rows": rows},
        say(
            f"{counted(total, 'row')} moved and compared; what was in files before is in {options.folder}/before-migration."
            if to
            else f"{counted(total, 'row')} brought into files and compared; at the server they are still as they were.",
            f"已迁移并核对 {total} 行；原有文件移至 {options.folder}/before-migration。"
            if to
            else f"已将 {total} 行迁回文件并核对；服务器上的数据保持原样。",
        ),
    )
