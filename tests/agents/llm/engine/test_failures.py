"""What can't be loaded is an error with a hint, and the process lives on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agents.llm import open_model
from agents.llm.errors import cannot_load
from agents.llm.names import bundled_file
from agents.llm.native import Weights, library
from ingest.errors import ModelError
from ingest.settings import Settings


def test_an_architecture_nobody_knows(tmp_path) -> None:
    raw = bundled_file().read_bytes()
    # Same length, so that every offset stays; the keys' prefix too, as in a real file.
    (tmp_path / "new.gguf").write_bytes(raw[:4096].replace(b"llama", b"lmx99") + raw[4096:])
    model = open_model(str(tmp_path / "new.gguf"), Settings())
    with pytest.raises(ModelError, match="architecture 'lmx99'") as caught:
        model.invoke("hello")
    assert "llama-cpp-python" in caught.value.hint.en
    assert open_model("bundled", Settings(context=256)).invoke("hello", max_tokens=1)


def test_a_context_no_machine_holds() -> None:
    model = open_model("bundled", Settings(context=2_000_000_000))
    with pytest.raises(ModelError, match="memory") as caught:
        model.invoke("hello")
    assert "context" in caught.value.hint.en


def test_too_little_memory_for_the_weights_or_the_cache() -> None:
    code = (
        "import resource, psutil\n"
        "from agents.llm import open_model; from ingest.settings import Settings; from ingest.errors import ModelError\n"
        "from agents.llm.native import library; library(); import langchain_core.language_models.chat_models\n"
        "model = open_model('bundled', Settings(context=60000)); model.engine\n"
        "now = psutil.Process().memory_info().vms\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + 400_000_000,) * 2)\n"
        "try: model.invoke('hello')\n"
        "except ModelError as error: print(type(error).__name__, 'memory' in str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "ModelError True", "")


@pytest.mark.parametrize(("built", "kernels"), [(b"AVX2 = 1 | REPACK = 1", True), (b"AVX2 = 1 | AMX_INT8 = 1", False)])
def test_a_build_with_amx_keeps_to_kernels_that_do_not_crash(built, kernels, monkeypatch) -> None:
    lib, asked = library(), []
    monkeypatch.setattr(lib, "llama_print_system_info", lambda: built)
    monkeypatch.setattr(lib, "llama_model_load_from_file", lambda _path, params: asked.append(params.use_extra_bufts))
    with pytest.raises(ModelError):
        Weights(bundled_file(), 0)
    assert asked == [kernels]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("llama_model_load: error loading model: unknown model architecture: 'xyz'", "architecture 'xyz'"),
        ("ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory", "not enough memory"),
        ("llama_model_load: error loading model: tensor 'blk.0' has wrong shape", "wrong shape"),
        ("", "no reason"),
    ],
)
def test_reasons_llama_cpp_gives(log, said) -> None:
    assert said in str(cannot_load("m.gguf", log))
