"""Finding a model of transformers: a folder or a name on the hub, its fingerprint, and what to say when not."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from ingest.errors import ModelError
from ingest.language import Text

_EDGE = 1 << 20
"""Bytes read from either end of a weights file: enough to tell two trainings apart, without reading gigabytes."""

T = TypeVar("T")


def folder_of(name: str, setting: str = "embedder", none: str = "bundled") -> Path | None:
    """The folder that `name` means, or None for a name on the hub. Raises `ModelError` where it can only be a folder
    and is none, or is not a sentence-transformers or transformers model. `setting` named it, which may also be `none`."""
    path = Path(name).expanduser()
    if not path.is_dir():
        if path.is_absolute() or name.startswith(("./", "../", "~", ".\\", "..\\")) or name.count("/") > 1:
            raise ModelError(
                Text(f"There is no folder {path}.", f"文件夹 {path} 不存在。"),
                Text(
                    f"Set '{setting}' to a model's folder, its name on the hub, or '{none}'.",
                    f"请把 {setting} 设为模型文件夹、Hugging Face 上的模型名，或 {none}。",
                ),
            )
        return None
    if not (path / "config.json").is_file() and not (path / "modules.json").is_file():
        raise ModelError(
            Text(
                f"{path} holds no model: config.json and modules.json are missing.",
                f"{path} 不是模型文件夹：缺少 config.json 和 modules.json。",
            ),
            Text(
                "Give the folder that holds config.json, the weights and the tokenizer.",
                "请指定包含 config.json、权重和分词器的文件夹。",
            ),
        )
    return path


def fingerprint(name: str, folder: Path | None) -> str:
    """A hash that changes with the model: of configuration and weights for a folder, the commit for a hub name.

    Empty for a hub name that was never downloaded.
    """
    if folder is not None:
        digest = sha256()
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in {".json", ".safetensors", ".bin", ".txt", ".model"}:
                size = file.stat().st_size
                digest.update(f"{file.relative_to(folder).as_posix()}:{size}\n".encode())
                with file.open("rb") as stream:
                    digest.update(stream.read(_EDGE))
                    if size > 2 * _EDGE:
                        stream.seek(-_EDGE, os.SEEK_END)
                        digest.update(stream.read(_EDGE))
        return digest.hexdigest()[:16]
    cached = _cached(name)
    return cached.parent.name[:16] if cached else ""


def _cached(name: str) -> Path | None:
    """The configuration of a hub model that is already on this machine."""
    from huggingface_hub import try_to_load_from_cache

    for repository in (name, f"sentence-transformers/{name}"):
        if repository.count("/") == 1:
            cached = try_to_load_from_cache(repository, "config.json")
            if isinstance(cached, str):
                return Path(cached)
    return None


def load(name: str, folder: Path | None, **options: Any) -> Any:  # noqa: ANN401 - the library is untyped
    """A `SentenceTransformer`; raises `ModelError` saying what to do when it can't be had."""

    def read(source: str, cached: bool) -> Any:  # noqa: ANN401, FBT001
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(source, local_files_only=cached, **options)

    return opened(
        name,
        folder,
        read,
        Text('Or use embedder = "bundled", which needs no download.', '也可以使用无需下载的 embedder = "bundled"。'),
    )


def opened(
    name: str, folder: Path | None, read: Callable[[str, bool], T], otherwise: Text, setting: str = "embedder"
) -> T:
    """What `read` makes of the folder, or of the hub name and whether it is on this machine already.

    Raises `ModelError` saying what to do when the model can't be had; `otherwise` is what can be done without it.
    """
    cached = folder is None and _cached(name) is not None
    if folder is None and not cached:
        _knock(name, otherwise, setting)
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of reading weights; a download keeps its own
    try:
        # What is on this machine is used as it is: no start of ours asks the hub for anything newer.
        return read(str(folder or name), cached)
    except ModelError:
        raise
    except Exception as error:
        # Broken files raise errors of many unrelated classes here (SafetensorError, KeyError, JSONDecodeError…).
        if folder is None:
            raise _unreachable(name, error, otherwise, setting) from error
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            Text(f"The model in {folder} can't be loaded: {first}", f"无法加载 {folder} 中的模型：{first}"),
            Text(
                "Its files may be incomplete: copy or download the folder again.",
                "文件可能不完整：请重新复制或下载该文件夹。",
            ),
        ) from error


def _knock(name: str, otherwise: Text, setting: str) -> None:
    """One quick try of the hub: its own client retries for a minute before it gives up."""
    import httpx

    try:
        httpx.head(_endpoint(), timeout=10, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(name, error, otherwise, setting) from error


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def _unreachable(name: str, error: Exception, otherwise: Text, setting: str) -> ModelError:
    endpoint, kind = _endpoint(), type(error).__name__
    return ModelError(
        Text(
            f"The model '{name}' is not on this machine and can't be fetched from {endpoint} ({kind}).",
            f"本机没有模型 “{name}”，也无法从 {endpoint} 下载（{kind}）。",
        ),
        Text(
            "Check the name and the network; where the hub is blocked set HF_ENDPOINT to a mirror. "
            f"Without a network: run 'hf download {name} --local-dir FOLDER' on another machine, copy the folder "
            f"here and set {setting} to it. {otherwise.en}",
            "请检查模型名和网络；无法访问 Hugging Face 时，把 HF_ENDPOINT 设为镜像站地址。"
            f"没有网络时：在另一台机器上运行 hf download {name} --local-dir 文件夹，复制到本机，"
            f"并把 {setting} 设为该文件夹。{otherwise.zh}",
        ),
    )
