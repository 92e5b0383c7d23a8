"""What a user can set: defaults < `settings.toml` in the home < `ZHIKU_*` variables < command-line options."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints

from ingest.errors import UsageError, fault
from ingest.language import Text

PREFIX = "ZHIKU_"
FILE = "settings.toml"
SECRET = frozenset({"embedder_api_key", "model_api_key", "ocr_api_key"})
"""Settings that let somebody in somewhere."""
_NOT_SETTINGS = {"HOME", "CONFIG", "DEBUG"}
"""Variables of ours that say where to look, not what to do."""


T = TypeVar("T")


def carried(default: T) -> T:
    """A setting that a backup may bring along: whatever its value, it runs, reaches and opens nothing and loosens no
    bound. Every other stays as the user has it when somebody's archive is restored."""
    return field(default=default, metadata={"carried": True})


def secret() -> str:
    """A setting that no backup holds; empty unless the user has one."""
    return field(default="", metadata={"secret": True})


def is_carried(setting: Field[Any]) -> bool:
    """Whether the setting is declared by `carried`."""
    return bool(setting.metadata.get("carried"))


def setting_meaning(name: str) -> str:
    """What a setting means, in the language in force, as docs/settings.md tells it."""
    return str(Text(**_meanings()[name]))


@cache
def _meanings() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(files("ingest").joinpath("meanings.json").read_text("utf-8"))
    return found


def is_secret(setting: Field[Any]) -> bool:
    """Whether the setting is declared by `secret`."""
    return bool(setting.metadata.get("secret"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default. Keys are flat: the name here is the name in the file and, in capitals
    after `ZHIKU_`, in the environment."""

    language: Literal["auto", "en", "zh"] = carried("auto")

    embedder: str = "bundled"
    """'bundled', 'hashing', a sentence-transformers hub name or folder, or an OpenAI-compatible URL#model."""
    embedder_backend: Literal["torch", "onnx", "openvino"] = "torch"
    embedder_precision: Literal["auto", "float32", "float16", "int8"] = "auto"
    embedder_device: str = "auto"
    embedder_api_key: str = secret()
    embedder_query_prompt: str = ""
    embedder_passage_prompt: str = ""

    model: str = "bundled"
    """'bundled', a GGUF file, a hub name 'owner/repo:quantisation', or an OpenAI-compatible URL#model (several with
    commas between them)."""
    model_api_key: str = secret()
    model_first_token_timeout: float = carried(300.0)
    """Seconds a model server may take until the first token (or, where nothing is streamed, the whole answer)."""
    model_token_timeout: float = carried(60.0)
    """Seconds it may fall silent within an answer."""
    gpu_layers: int | Literal["auto"] = "auto"
    context: int = carried(0)
    """Tokens of context to allocate; 0: what the model was trained for, at most 16384 and what memory holds."""
    kv: Literal["auto", "f16", "q8_0", "q4_0"] = carried("auto")
    """What the key/value cache is kept as; auto: f16, or q8_0 where the context would not fit otherwise."""
    flash_attention: Literal["auto", "on", "off"] = carried("auto")
    lora: str = ""
    """LoRA adapters: FILE or FILE:SCALE, several with commas between them."""
    threads: int = 0
    """CPU threads of the language model; 0: the physical cores that nothing else keeps busy."""
    max_tokens: int = carried(1024)
    first_token_target: float = carried(5.0)
    """Seconds a question should wait for the first token: passages are cut to what the machine reads in that time, never
    below three; 0: never cut. A GPU or a server gets all of them."""
    temperature: float = carried(0.0)

    reranker: str = ""
    """A cross-encoder by hub name or folder, which reads the best passages once more; empty: none."""
    reranker_backend: Literal["onnx", "torch"] = "onnx"
    """What runs it: an export in whole numbers, or torch as it is."""
    reranker_seconds: float = carried(1.0)
    """Seconds a question may wait for it; passages that it has not read by then stay behind those it has."""
    verifier: str = "auto"
    """A second vote on whether a passage says a sentence: 'auto' (the chat model's own, where it has proved to be worth
    something), 'off', or an NLI or claim-check model by hub name or folder."""
    k: int = carried(8)
    alpha: float = carried(0.3)
    """Weight of the dense leg in the fusion; 0 is lexical only, 1 dense only."""

    store: str = secret()
    """postgresql://USER@HOST/DATABASE: everything that is kept in SQLite files otherwise is there, for several machines to
    share; empty: in the home."""
    chroma_url: str = ""
    workers: int = 0
    parse_timeout: float = 120.0
    """Seconds one file may take to parse; each page that is recognised gives it as many anew."""
    parse_memory_mb: int = 2048
    max_file_mb: int = 512

    ocr: Literal["auto", "off", "force"] = carried("auto")
    """Text recognition of pictures: where there is no usable text, never, or on every page of a PDF."""
    ocr_languages: str = carried("zh+en")
    ocr_model: str = ""
    """A server that takes pictures, as OpenAI-compatible URL#model; empty: recognised on this machine."""
    ocr_api_key: str = secret()

    tools_folder: str = ""
    """The one folder whose files an agent may read and, with approval, write; empty: none."""
    web_fetch: bool = False
    """Whether an agent may fetch web pages."""
    python_unprotected: bool = False
    """Whether an agent's Python may run where it can't be confined: then it can do what the user can."""

    tool_read: Literal["allow", "ask", "deny"] = "allow"
    """What happens when an agent calls a tool of that risk: done, shown for approval first, refused."""
    tool_write: Literal["allow", "ask", "deny"] = "ask"
    tool_network: Literal["allow", "ask", "deny"] = "ask"
    tool_execute: Literal["allow", "ask", "deny"] = "ask"
    effort: Literal["quick", "normal", "thorough"] = "normal"
    """How much a run of an agent asks of its model: the rules and one answer; a plan where one is needed, and tools; a plan
    always, findings held against the evidence, revision."""
    max_steps: int = 20
    """Bounds of one run of an agent: steps of its plan, tool calls, tokens, seconds; 0: none."""
    max_calls: int = 40
    max_run_tokens: int = 0
    max_run_seconds: float = 0.0

    keep_days: int = 730
    """Days that ended runs and conversations are kept after their last change; 0: for ever."""

    host: str = "127.0.0.1"
    port: int = 8501
    app_protected: bool = True
    """Whether the application lets in only who has its address with the key that it makes at each start."""

    serve_rate: int = 600
    """Bounds of `zhiku serve`: requests a minute with one key, requests at a time, seconds of an answer; 0: none."""
    serve_at_once: int = 128
    serve_seconds: float = 600.0
    serve_jobs: bool = True
    """Whether it adds the files it is sent itself, or leaves them to `ingest worker`."""
    audit_days: int = 365
    """How long it is kept who did what; 0: for ever."""

    mcp_servers: str = "mcp.json"
    """File that names the MCP servers whose tools the agent may use; relative to the home. Without it there are none."""


def default_home() -> Path:
    """`ZHIKU_HOME`, or the platform's folder for user data."""
    if value := os.environ.get("ZHIKU_HOME"):
        return Path(value).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("zhiku", appauthor=False)


def load_settings(home: Path | None = None, config: Path | None = None, **overrides: object) -> Settings:
    """Merge the four layers.

    `config` replaces the file in the home. Overrides that are None are as good as not given.
    Raises `UsageError` for an unknown key (naming the nearest), a value of the wrong kind or a broken file.
    """
    source = config or Path(os.environ.get("ZHIKU_CONFIG") or (home or default_home()) / FILE)
    if config and not config.is_file():
        raise UsageError(
            Text(f"There is no settings file {config}.", f"没有设置文件 {config}。"),
            Text("Check the path given to --config.", "请检查 --config 的路径。"),
        )
    layers: list[tuple[Text, dict[str, Any]]] = [
        (Text(str(source), str(source)), _from_file(source)),
        (Text("environment", "环境变量"), _from_environment()),
        (Text("options", "命令行选项"), {key: value for key, value in overrides.items() if value is not None}),
    ]
    merged: dict[str, Any] = {}
    for origin, layer in layers:
        for key, value in layer.items():
            merged[_known(key, origin)] = value
    return Settings(**_validated(merged))


def checked(values: Mapping[str, object], origin: Text) -> dict[str, Any]:
    """`values` for a settings file, as `Settings` would hold them. `origin` says where an unknown key stood.

    Raises `UsageError` as `load_settings` does.
    """
    return _validated({_known(key, origin): value for key, value in values.items()})


def broken(path: Path, error: Exception) -> UsageError:
    """What is said of a settings file that can't be parsed."""
    return UsageError(
        Text(f"{path} is not valid TOML: {error}.", f"{path} 不是合法的 TOML：{error}。"),
        Text("Correct that line, or move the file away.", "请修正该行，或移走此文件。"),
    )


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(
            Text(f"{path} can't be read: {error.strerror}.", f"无法读取 {path}：{error.strerror}。"),
            Text("Give yourself the right to read it, or name another.", "请修改其读取权限，或指定其他文件。"),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise broken(path, error) from error


def _from_environment() -> dict[str, Any]:
    return {
        name[len(PREFIX) :].lower(): value
        for name, value in os.environ.items()
        if name.startswith(PREFIX) and name[len(PREFIX) :] not in _NOT_SETTINGS and value
    }


def _known(key: str, origin: Text) -> str:
    names = [field.name for field in fields(Settings)]
    if key in names:
        return key
    near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.5)
    raise UsageError(
        Text(f"Unknown setting '{key}' ({origin.en}).", f"未知的设置项 “{key}”（{origin.zh}）。"),
        Text(f"Did you mean '{near[0]}'?", f"您是指 “{near[0]}” 吗？")
        if near
        else Text(f"Known settings: {', '.join(names)}.", f"可用的设置项：{'、'.join(names)}。"),
    )


def _validated(values: dict[str, Any]) -> dict[str, Any]:
    """Check the types with pydantic, which only reads the annotations: `Settings` stays a plain dataclass."""
    if not values:
        return {}  # most people set nothing, and pydantic takes a fifth of a second to load
    from pydantic import TypeAdapter, ValidationError

    hints = get_type_hints(Settings)
    found: dict[str, Any] = {}
    for key, value in values.items():
        try:
            found[key] = TypeAdapter(hints[key]).validate_python(value)
        except ValidationError as error:
            detail = fault(error.errors()[0])
            raise UsageError(
                Text(
                    f"The setting '{key}' can't be {value!r}: {detail.en}.",
                    f"设置项 “{key}” 不能是 {value!r}：{detail.zh}。",
                ),
                Text(f"The default is {getattr(Settings(), key)!r}.", f"默认值为 {getattr(Settings(), key)!r}。"),
            ) from error
    return found
