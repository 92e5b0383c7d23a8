"""From a hub name to a model in the home's folder: what to fetch, whether it fits, and the fetching."""

from __future__ import annotations

import glob
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agents.llm.hub import hub_names
from agents.llm.hub.download import Download
from agents.llm.hub.folders import cache_folder
from agents.llm.hub.hub_names import USUAL, HubName
from agents.llm.hub.remote import Hub, RemoteFile, Repository
from agents.llm.hub.transport import Transport, Unreachable, wrong_content
from ingest.errors import ModelError
from ingest.language import Text

_SPARE = 256 * 2**20
"""Bytes of the disk that stay free: a full disk stops more than this program."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a `pull` will do."""

    name: str
    """'owner/repo:variant', as it is called afterwards."""
    repository: Repository
    files: tuple[RemoteFile, ...]
    """The parts of the model, in order."""
    folder: Path
    """They go below this one."""
    present: Path | None
    """The first file, where the model is on this machine already (by size; what was fetched by us was checked)."""

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)

    def target(self, file: RemoteFile) -> Path:
        """Where `file` ends up."""
        return self.folder / file.path

    def part(self, file: RemoteFile) -> Path:
        """Where it is until it is whole: another content announced is another partial file."""
        return self.target(file).with_name(f"{self.target(file).name}.{file.sha256[:12] or file.size}.part")


class Puller:
    """Fetches from one hub into one home."""

    def __init__(
        self,
        hub: Hub,
        transport: Transport,
        home: Path,
        free: Callable[[Path], int] = lambda p: shutil.disk_usage(p).free,
    ) -> None:
        """`free`: bytes free on the disk of a folder that exists."""
        self._hub, self._transport, self._home, self._free = hub, transport, home, free

    def plan(self, wanted: HubName) -> Plan:
        """Ask the hub. Raises `ModelError`: no such model or variant, not reachable with what to do by hand."""
        folder = self._home / "models" / wanted.repository
        try:
            repository = self._hub.repository(wanted.repository)
        except Unreachable as error:
            page, what = self._hub.page(wanted.repository), wanted.variant or USUAL
            raise Unreachable(error.host, error.detail, _by_hand(page, folder, str(wanted), what)) from error
        by_path = {file.path: file for file in repository.files if _harmless(file.path)}
        found = hub_names.variants(by_path)
        variant = wanted.of(found)
        if variant is None:
            raise _no_variant(wanted, {name: sum(by_path[p].size for p in paths) for name, paths in found.items()})
        files = tuple(by_path[path] for path in found[variant])
        which, total = hub_names.part(files[0].path)
        if (which, len(files)) != (1, total) or not all(file.size for file in files):
            raise ModelError(
                Text(
                    f"{wanted.repository}:{variant} is not complete on {self._hub.host}.",
                    f"{self._hub.host} 上的 {wanted.repository}:{variant} 不完整。",
                ),
                Text("Choose another variant or repository.", "请选择其他版本或仓库。"),
            )
        plan = Plan(f"{wanted.repository}:{variant}", repository, files, folder, None)
        return replace(plan, present=_present(plan))

    def fetch(self, plan: Plan, progress: Callable[[int, int], None]) -> Path:
        """Fetch what is missing; the files appear under their names when all are there and right.

        `progress` gets the bytes done and in all. Returns the first file. Raises `ModelError`: not enough disk,
        another process at the same, a break (what came is kept), other content than announced.
        """
        if plan.present:
            return plan.present
        import filelock

        self._check_disk(plan)
        plan.folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(plan.folder / f".{hub_names.stem(plan.files[0].path)}.lock")
        try:
            with lock.acquire(timeout=0):
                parts = self._fetch_parts(plan, progress)
                _check_header(parts[0], plan)
                for file, part in zip(reversed(plan.files), reversed(parts), strict=True):
                    part.replace(plan.target(file))
                    for stale in plan.target(file).parent.glob(f"{glob.escape(file.path.rpartition('/')[2])}.*.part"):
                        stale.unlink(missing_ok=True)  # of an older content by this name
        except filelock.Timeout as error:
            raise ModelError(
                Text(f"{plan.name} is being fetched by another process.", f"另一个进程正在下载 {plan.name}。"),
                Text("Wait for it to finish.", "请等待其完成。"),
            ) from error
        except Unreachable as error:
            urls = " ".join(file.url for file in plan.files)
            hint = _by_hand_files(urls, plan)
            raise Unreachable(error.host, error.detail, hint) from error
        except OSError as error:
            raise ModelError(
                Text(
                    f"{plan.folder} can't be written: {error.strerror or error}.",
                    f"无法写入 {plan.folder}：{error.strerror or error}。",
                ),
                Text("Make room or choose another --home, then run it again.", "请腾出空间或换一个 --home 后重试。"),
            ) from error
        Path(lock.lock_file).unlink(missing_ok=True)
        return plan.target(plan.files[0])

    def _fetch_parts(self, plan: Plan, progress: Callable[[int, int], None]) -> list[Path]:
        parts: list[Path] = []
        headers, before = self._hub.headers(), 0
        for file in plan.files:
            part = plan.part(file)
            part.parent.mkdir(parents=True, exist_ok=True)

            def report(done: int, before: int = before) -> None:
                progress(before + done, plan.bytes)

            Download(self._transport, file, part, headers).run(report)
            parts.append(part)
            before += file.size
        return parts

    def _check_disk(self, plan: Plan) -> None:
        there = sum(part.stat().st_size for file in plan.files if (part := plan.part(file)).exists())
        needed = plan.bytes - there + _SPARE
        folder = next(path for path in (plan.folder, *plan.folder.parents) if path.exists())
        if (free := self._free(folder)) < needed:
            raise ModelError(
                Text(
                    f"{plan.name} needs {gigabytes(needed)}, and {folder} has {gigabytes(free)} free.",
                    f"{plan.name} 需要 {gigabytes(needed)}，而 {folder} 仅剩 {gigabytes(free)}。",
                ),
                Text(
                    "Make room, choose a smaller quantisation, or another --home.",
                    "请腾出空间、选择更小的量化版本，或换一个 --home。",
                ),
            )


def gigabytes(size: int) -> str:
    """'2.5 GB', '135 MB'."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _harmless(path: str) -> bool:
    """A path that stays below the folder it is put into."""
    pieces = path.split("/")
    return not any(piece in {"", ".", ".."} or "\\" in piece or ":" in piece for piece in pieces)


def _present(plan: Plan) -> Path | None:
    """The model in the home with the announced content, or in the Hugging Face cache, whose blobs carry their SHA-256
    as name."""
    if all(_is(plan.target(file), file) for file in plan.files):
        return plan.target(plan.files[0])
    cache = cache_folder() / f"models--{plan.repository.name.replace('/', '--')}"
    for found in sorted(cache.glob(f"snapshots/*/{plan.files[0].path}")):
        snapshot = found.parents[plan.files[0].path.count("/")]
        blobs = [(file, (snapshot / file.path).resolve()) for file in plan.files]
        if all(
            file.sha256 == blob.name and blob.is_file() and blob.stat().st_size == file.size for file, blob in blobs
        ):
            return found
    return None


def _is(path: Path, file: RemoteFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as there:
        return not file.sha256 or hashlib.file_digest(there, "sha256").hexdigest() == file.sha256


def _check_header(part: Path, plan: Plan) -> None:
    """Right as announced, and yet no model: say so before it is given the name of one."""
    from agents.llm import gguf

    try:
        gguf.read(part)
    except ModelError as error:
        part.unlink(missing_ok=True)
        raise wrong_content(plan.files[0].path, plan.files[0].url, error.message) from error


def _no_variant(wanted: HubName, found: dict[str, int]) -> ModelError:
    if not found:
        return ModelError(
            Text(f"{wanted.repository} has no GGUF file.", f"{wanted.repository} 中没有 GGUF 文件。"),
            Text(
                f"Look for a repository with GGUF files; many are called like {wanted.repository}-GGUF.",
                f"请寻找含 GGUF 文件的仓库，名称常形如 {wanted.repository}-GGUF。",
            ),
        )
    sizes = ", ".join(f"{name} ({gigabytes(size)})" for name, size in sorted(found.items(), key=lambda item: item[1]))
    if wanted.variant:
        message = Text(
            f"{wanted.repository} has no variant '{wanted.variant}'.",
            f"{wanted.repository} 没有版本 “{wanted.variant}”。",
        )
    else:
        message = Text(f"{wanted.repository} has several variants.", f"{wanted.repository} 有多个版本。")
    return ModelError(
        message,
        Text(f"Name one as {wanted.repository}:NAME: {sizes}.", f"请以 {wanted.repository}:名称 指明其一：{sizes}。"),
    )


def _by_hand(page: str, folder: Path, name: str, what: str) -> Text:
    """What to do without a connection, when not even the files' names are known."""
    return Text(
        f"On a machine that reaches it, open {page}, download the .gguf file(s) with {what} in the name, put them into "
        f"{folder} here, then run `zhiku models use {name}`. Another hub: `--from auto` asks them all.",
        f"请在能联网的机器上打开 {page}，下载名称中含 {what} 的 .gguf 文件，放入本机的 {folder}，"
        f"然后运行 `zhiku models use {name}`。换用其他站点：`--from auto` 会同时询问所有站点。",
    )


def _by_hand_files(urls: str, plan: Plan) -> Text:
    return Text(
        f"Run the same command again: it goes on where it broke off. By hand: download {urls} into "
        f"{plan.target(plan.files[0]).parent}, then run `zhiku models use {plan.name}`.",
        f"重新运行同一命令即可从断点继续。也可手动下载 {urls} 到 {plan.target(plan.files[0]).parent}，"
        f"然后运行 `zhiku models use {plan.name}`。",
    )
