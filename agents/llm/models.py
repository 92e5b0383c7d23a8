"""The language models of a home: what is here, what is worth fetching, what is in memory; chosen, tried, removed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.llm import recommended
from agents.llm.hub import hub_names
from agents.llm.listing import ModelFile, rows
from agents.llm.names import BUNDLED, OnDisk, Served, displayed
from ingest.errors import ModelError, UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from agents.llm.hub.offers import Offer
    from agents.llm.recommended import Fit, Machine, Recommended
    from agents.llm.trying import Tried
    from ingest.settings import Settings


_SERVERS = "model-servers.json"
_LEAST = 100_000_000
"""Bytes of weights below which a trial says nothing of larger models: there the overhead counts."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A model of the table, as it would be here."""

    model: Recommended
    fit: Fit
    speed: float | None
    """Tokens a second to expect; None where nothing is known."""
    measured: bool
    """Whether that rests on a trial on this machine."""
    best: bool
    here: bool
    """Whether it is on the machine already."""


@dataclass(frozen=True, slots=True)
class InMemory:
    """A model that is loaded."""

    name: str
    path: Path
    bytes: int
    busy: bool
    unused: float
    """Seconds since it was last asked."""


class Models:
    """All that can be done with them; nothing is loaded or asked before it has to be."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._home, self._settings = home, settings

    def here(self) -> list[ModelFile]:
        """Every model file on this machine."""
        return rows(self._home, self._settings.model)

    def advice(self) -> list[Advice]:
        """The table of models worth fetching, held against this machine; smallest first."""
        machine = self._machine()
        best, here = recommended.best(machine), {row.name.lower() for row in self.here() if not row.problem}
        return [
            Advice(
                one,
                machine.fit(one.bytes),
                machine.speed(one.bytes),
                bool(machine.reading),
                one is best,
                one.name.lower() in here,
            )
            for one in recommended.table()
        ]

    @property
    def dated(self) -> str:
        """The day of that table."""
        return recommended.date()

    @property
    def memory(self) -> tuple[int, int]:
        """Bytes of main memory, and of all GPUs."""
        machine = self._machine()
        return machine.memory, machine.gpu

    def offer(self, name: str) -> Offer:
        """A model by its name on a hub, from whichever hub answers. Raises `ModelError`, `UsageError`."""
        from agents.llm.hub.offers import offer

        return offer(hub_names.required(name), self._home, "auto")

    def check(self, name: str) -> str:
        """What to write into the settings for `name`: there is such a model, it is whole, this machine has room for it, the
        server has it. Raises `ModelError`."""
        from agents.llm.listing import checked

        written, source = checked(name, self._home)
        if isinstance(source, Served):
            from agents.llm.servers.opening import open_served

            open_served(source, self._settings)
        elif written != BUNDLED:
            self._check_room(source)
        return written

    def _check_room(self, source: OnDisk) -> None:
        from agents.llm.engine.loading import preview
        from agents.llm.hub.pull import gigabytes

        freed = sum(one.bytes for one in self.loaded())  # what rests makes room
        for share in preview(source.path, self._settings).plan.shares:
            if share.free + freed < 0:
                raise ModelError(
                    Text(
                        f"{source.name} does not fit: {share.device} lacks {gigabytes(-share.free - freed)}.",
                        f"{source.name} 放不下：{share.device} 还缺 {gigabytes(-share.free - freed)}。",
                    ),
                    Text(
                        "Close other programs, choose a smaller model or quantisation, or a smaller context.",
                        "请关闭其他程序，或选择更小的模型、量化版本或上下文。",
                    ),
                )

    def try_out(self, name: str, cancel: threading.Event) -> Iterator[Tried]:
        """Three questions to the model `name`; what its speed says of others is remembered. Raises `ModelError`."""
        from agents.llm import open_model
        from agents.llm.trying import remember_speed, tried

        speeds = []
        for one in tried(open_model(name, self._settings, home=self._home), cancel):
            speeds += [one.speed] if one.speed else []
            yield one
        size = next((row.bytes for row in self.here() if row.name == name), 0)
        if speeds and size > _LEAST:
            remember_speed(self._home, size, sum(speeds) / len(speeds))

    def remove(self, row: ModelFile) -> None:
        """Delete the files of a model that lies in the home, and only there. Raises `UsageError`."""
        from agents.llm import gguf

        folder = (self._home / "models").resolve()
        path = Path(row.path)
        try:
            files = [path] if row.problem else [Path(part) for part in gguf.parts(gguf.read(path))]
            if row.store != "home" or not all(file.resolve().is_relative_to(folder) for file in files):
                raise UsageError(
                    Text(f"{row.name} does not lie in {folder}.", f"{row.name} 不在 {folder} 中。"),
                    Text("Remove it with the program that brought it.", "请用下载它的程序删除。"),
                )
            self.unload(path)
            for file in files:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                Text(
                    f"{path} can't be removed: {error.strerror or error}.",
                    f"无法删除 {path}：{error.strerror or error}。",
                )
            ) from error

    def loaded(self) -> list[InMemory]:
        """The models in this process's memory, the one used last first."""
        from agents.llm.engine.resident import loaded_engines, size_of

        names = {row.path: row.name for row in self.here()}
        return [
            InMemory(names.get(str(path), path.stem), path, size_of(engine), engine.busy, engine.unused)
            for engine in loaded_engines()
            for path in [engine.options.path]
        ]

    def unload(self, path: Path) -> None:
        """Give its memory back; the next question loads it again."""
        from agents.llm.engine.resident import loaded_engines

        for engine in loaded_engines():
            if engine.options.path == path:
                engine.close()

    def servers(self) -> dict[str, list[str]]:
        """Addresses of the servers that were added, and the models each had then."""
        try:
            kept = json.loads((self._home / _SERVERS).read_text("utf-8"))
            return {str(url): [str(name) for name in models] for url, models in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def add_server(self, url: str) -> list[str]:
        """Ask the OpenAI-compatible server at `url` for its models, and remember it. Raises `ModelError`, `UsageError`."""
        from agents.llm.servers.opening import listed
        from ingest.apart import background

        url = url.strip().partition("#")[0].rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise UsageError(
                Text(f"'{url}' is not the address of a server.", f"“{url}” 不是服务器地址。"),
                Text(
                    "For example http://127.0.0.1:11434/v1 for Ollama, http://127.0.0.1:8080/v1 for llama-server.",
                    "例如 Ollama 用 http://127.0.0.1:11434/v1，llama-server 用 http://127.0.0.1:8080/v1。",
                ),
            )
        models = background.wait(listed(url, self._settings.model_api_key))
        self._keep({**self.servers(), url: models})
        return models

    def forget_server(self, url: str) -> None:
        """Remember it no longer."""
        self._keep({known: models for known, models in self.servers().items() if known != url})

    def billions(self, name: str) -> float | None:
        """Parameters of the model file that `name` means, in billions; None where nothing says so."""
        from agents.llm import gguf
        from agents.llm.listing import file_of

        path = file_of(name, self._home)
        try:
            return gguf.read(path).parameters / 1e9 if path else None
        except ModelError:
            return None

    def names(self) -> dict[str, str]:
        """Every model that can be chosen, by its name in the settings: what people call it. The bundled one first."""
        found = {row.name: shown_model(row.name) for row in self.here() if not (row.problem or row.note)}
        for url, models in self.servers().items():
            found |= {f"{url}#{model}": shown_model(f"{url}#{model}") for model in models}
        return found

    def _machine(self) -> Machine:
        from agents.llm.trying import reading_speed

        return recommended.Machine.here(reading_speed(self._home))

    def _keep(self, servers: dict[str, list[str]]) -> None:
        (self._home / _SERVERS).write_text(json.dumps(servers, ensure_ascii=False, indent=1), "utf-8")


def shown_model(name: str) -> str:
    """A model's name without folders and passwords: 'qwen3-4b.gguf' of a path, 'qwen3:4b · host' of a server's."""
    if name.startswith(("http://", "https://")):
        url, _, model = displayed(name).partition("#")
        host = url.partition("://")[2].partition("/")[0]
        return f"{model} · {host}" if model else host
    return Path(name).name if name.lower().endswith(".gguf") else name
