"""What is said when the catalog's SQLite file can't be used."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import DamagedLibrary, LibraryLocked, LibraryUnavailable, NewerLibrary
from ingest.language import Text
from ingest.sqlite import Wording


class _Wording(Wording):
    """Of the catalog, without which nothing works: with a way out for every cause."""

    def newer(self, path: Path, version: int, known: int) -> NewerLibrary:
        return NewerLibrary(
            Text(
                f"The library in {path.parent} was written by a later version of Zhiku"
                f" (format {version}; this one reads up to {known}).",
                f"{path.parent} 中的知识库由更新版本的智库写入（格式 {version}，当前版本最高支持 {known}）。",
            ),
            Text("Upgrade Zhiku, or choose another home with --home.", "请升级智库，或用 --home 指定其他目录。"),
        )

    def damaged(self, path: Path, error: Exception) -> DamagedLibrary:
        return DamagedLibrary(
            Text(f"The catalog {path} is damaged: {error}.", f"目录库 {path} 已损坏：{error}。"),
            Text(
                "Restore a backup with `ingest restore FILE`, or move the file away and add your documents again.",
                "请用 `ingest restore FILE` 恢复备份，或移走该文件后重新添加文档。",
            ),
        )

    def unavailable(self, path: Path, error: Exception) -> LibraryUnavailable:
        home = path.parent
        detail = str(error).lower()
        if "locked" in detail or "busy" in detail:
            return LibraryLocked(
                Text(f"The library in {home} is busy.", f"{home} 中的知识库正忙。"),
                Text("Wait for the other program to finish, then try again.", "请等待另一程序结束后重试。"),
            )
        if "full" in detail or "no space" in detail:
            return LibraryUnavailable(
                Text(
                    f"The disk that holds {home} is full. What was finished is kept.",
                    f"{home} 所在磁盘已满。已完成的内容均已保存。",
                ),
                Text("Free some space and run the same command again.", "请释放空间后再次运行同一命令。"),
            )
        if isinstance(error, NotADirectoryError | FileExistsError):
            return LibraryUnavailable(
                Text(
                    f"{home} can't be a library folder: a file is in the way.",
                    f"{home} 不能用作知识库目录：路径中有同名文件。",
                ),
                Text("Choose another home with --home or ZHIKU_HOME.", "请用 --home 或 ZHIKU_HOME 指定其他目录。"),
            )
        if "disk i/o" in detail:
            return LibraryUnavailable(
                Text(
                    f"The disk that holds {home} refuses: {error}. What was finished is kept.",
                    f"{home} 所在磁盘读写失败：{error}。已完成的内容均已保存。",
                ),
                Text(
                    "Check free space, quota and the disk itself, then run the same command again.",
                    "请检查剩余空间、磁盘配额和磁盘状况，然后再次运行同一命令。",
                ),
            )
        if any(word in detail for word in ("readonly", "read-only", "permission", "unable to open")):
            return LibraryUnavailable(
                Text(f"The library folder {home} can't be written.", f"知识库目录 {home} 不可写。"),
                Text(
                    "Give yourself write permission, or choose another home with --home.",
                    "请授予写权限，或用 --home 指定其他目录。",
                ),
            )
        return LibraryUnavailable(
            Text(f"The library in {home} can't be used: {error}.", f"{home} 中的知识库无法使用：{error}。"),
            Text("`ingest doctor` looks for the cause.", "可用 `ingest doctor` 查找原因。"),
        )


WORDING = _Wording(Text("The library", "知识库"))
explained = WORDING.explained
"""Around work on `path` in the home or beside it: turns what SQLite and the file system say into our words."""
