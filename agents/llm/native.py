"""The only door to llama.cpp: weights, contexts and batches as objects that are freed in the right order.

Everything here is called by the one thread that owns a model, except what only reads the vocabulary (`tokenize`,
`piece`, …) and `Context.abort`, which are safe from any thread.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import ctypes
import functools
import logging
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.llm.errors import cannot_load, engine_failed, out_of_memory
from agents.llm.gguf import TYPE_NUMBERS
from agents.llm.use import Use

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_LOG = logging.getLogger("zhiku.llama")
_LEVELS = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.WARNING, 4: logging.ERROR}
"""ggml_log_level in ggml.h: debug, info, warning, error. llama.cpp is chatty: its information is our debugging."""
_said: collections.deque[str] = collections.deque(maxlen=20)
"""The last warnings and errors of llama.cpp: they hold the reason when a load fails."""

_CONTROL = 1 << 3
"""A bit of llama_token_attr in llama.h."""
NO_SLOT, ABORTED = 1, 2
"""What `Context.decode` can return beside 0, from llama.h's llama_decode."""

FLASH_ATTENTION = {"auto": -1, "off": 0, "on": 1}
"""llama_flash_attn_type of llama.h."""


class _Override(ctypes.Structure):
    """struct llama_model_tensor_buft_override of llama.h."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def experts_to_cpu(blocks: int) -> ctypes.Array[_Override]:
    """Says that the experts of the first `blocks` blocks are kept with the CPU, ended as llama.cpp expects it."""
    from llama_cpp._ggml import libggml

    cpu = libggml.ggml_backend_cpu_buffer_type
    cpu.restype = ctypes.c_void_p
    listed = "|".join(str(block) for block in range(blocks))
    pattern = rf"blk\.({listed})\.ffn_(gate|up|down|gate_up)_(ch|)exps"
    return (_Override * 2)(_Override(pattern.encode(), cpu()), _Override(None, None))


@functools.cache
def library() -> Any:  # noqa: ANN401
    """llama_cpp's low-level module, with llama.cpp's log going to Python's logging from the first line on."""
    import llama_cpp.llama_cpp as lib

    previous = logging.DEBUG

    def hear(level: int, text: bytes, _: object) -> None:
        nonlocal previous
        previous = level = _LEVELS.get(level, previous) if level != 5 else previous  # 5: goes on with the last line
        line = text.decode("utf-8", "replace").strip()
        if not line:
            return
        if level >= logging.WARNING:
            _said.append(line)
        _LOG.log(logging.DEBUG if level < logging.WARNING else logging.INFO, "%s", line)

    lib._zhiku_log = lib.llama_log_callback(hear)  # noqa: SLF001  # must live as long as the library
    lib.llama_log_set(lib._zhiku_log, ctypes.c_void_p(0))  # noqa: SLF001
    lib.llama_backend_init()
    # Destructors of the C++ side may log after Python is gone: give them a C function that does nothing.
    silent = ctypes.cast(_c_library().abs, lib.llama_log_callback)
    atexit.register(lib.llama_log_set, silent, ctypes.c_void_p(0))
    return lib


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)


def said() -> str:
    """llama.cpp's last warnings and errors, a line each."""
    return "\n".join(_said)


class Weights:
    """A loaded model. Any thread may use its vocabulary; only the owner may make contexts or close it. Once it is closed,
    as a model is that nobody has asked for long, the vocabulary raises `ModelError` rather than end the process."""

    def __init__(self, path: Path, gpu_layers: int, *, experts_on_cpu: int = 0, allocate: bool = True) -> None:
        """Load `path` with `gpu_layers` blocks on the GPU (0: no GPU is touched), of which the experts of the first
        `experts_on_cpu` stay with the CPU. Without `allocate` only sizes are worked out. Raises `ModelError`."""
        lib = self._lib = library()
        params = lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        if gpu_layers == 0:  # otherwise llama.cpp computes long prompts on the GPU, with buffers there
            self._devices = (ctypes.c_void_p * 1)(None)
            params.devices = ctypes.cast(self._devices, ctypes.c_void_p)
        if experts_on_cpu and gpu_layers:
            self._overrides = experts_to_cpu(experts_on_cpu)
            params.tensor_buft_overrides = ctypes.cast(self._overrides, ctypes.c_void_p)
        # Kernels for AMX crash at the first prompt; install.sh builds without.
        params.use_extra_bufts = b"AMX_INT8 = 1" not in lib.llama_print_system_info()
        if not allocate:
            params.no_alloc, params.load_mode = True, lib.LLAMA_LOAD_MODE_NONE  # a mapped file can't be left out
        _said.clear()
        self.pointer = lib.llama_model_load_from_file(str(path).encode(), params)
        if not self.pointer:
            raise cannot_load(path, said())
        self.path = path
        self._closing = threading.Lock()
        self.gpu_layers = gpu_layers
        self.vocab = lib.llama_model_get_vocab(self.pointer)
        self._pieces: dict[int, bytes] = {}
        self.layers = int(lib.llama_model_n_layer(self.pointer))
        self.vocabulary = int(lib.llama_vocab_n_tokens(self.vocab))
        self.adds_bos = bool(lib.llama_vocab_get_add_bos(self.vocab))
        self.bos, self.eos = int(lib.llama_vocab_bos(self.vocab)), int(lib.llama_vocab_eos(self.vocab))
        self.generates = bool(lib.llama_model_has_decoder(self.pointer)) and not bool(
            lib.llama_model_has_encoder(self.pointer)
        )
        self.recurrent = bool(lib.llama_model_is_recurrent(self.pointer) or lib.llama_model_is_hybrid(self.pointer))

    @functools.cached_property
    def control_texts(self) -> frozenset[str]:
        """Texts of the tokens that steer a chat ('<|im_end|>'): in a user's text or a document they are only text."""
        attr, text = self._lib.llama_vocab_get_attr, self._lib.llama_vocab_get_text
        found = (text(self.vocab, i) for i in range(self.vocabulary) if attr(self.vocab, i) & _CONTROL)
        return frozenset(t.decode("utf-8", "replace") for t in found if t and len(t) > 1)

    def text_of(self, token: int) -> str:
        """A special token as the template writes it; '' for none (-1)."""
        text = self._lib.llama_vocab_get_text(self.vocab, token) if token >= 0 else b""
        return (text or b"").decode("utf-8", "replace")

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text` without any added at its ends; `special`: control tokens written in it are meant."""
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        tokens = (self._lib.llama_token * room)()
        with self._alive():
            count = self._lib.llama_tokenize(self.vocab, raw, len(raw), tokens, room, False, special)  # noqa: FBT003
        if count < 0:
            raise engine_failed(f"{-count} tokens did not fit {room}")
        return list(tokens[:count])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes a token stands for, possibly part of a character; control tokens are empty unless `special`."""
        known = self._pieces.get(token) if not special else None
        if known is not None:
            return known
        count = -64
        while count < 0:  # minus the bytes it takes
            buffer = ctypes.create_string_buffer(-count)
            with self._alive():
                count = self._lib.llama_token_to_piece(self.vocab, token, buffer, -count, 0, special)
        found = buffer.raw[:count]
        if not special:
            self._pieces[token] = found
        return found

    def ends(self, token: int) -> bool:
        """True for a token that ends the model's turn."""
        with self._alive():
            return bool(self._lib.llama_vocab_is_eog(self.vocab, token))

    def close(self) -> None:
        """Free the memory; contexts must be closed before."""
        with self._closing:
            if self.pointer:
                self._lib.llama_model_free(self.pointer)
                self.pointer = None

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        """It is not freed meanwhile. Raises `ModelError` when it has been."""
        with self._closing:
            if not self.pointer:
                raise engine_failed("it was unloaded")
            yield


class Context:
    """A key/value cache shared by `sequences` conversations, and the decoding over it."""

    def __init__(self, weights: Weights, use: Use, threads: int) -> None:
        """Allocate the cache that `use` takes, and what else computing takes. Raises `ModelError` when it does not fit."""
        lib = self._lib = library()
        params = lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch, params.n_seq_max = (
            use.context,
            use.batch,
            use.batch,
            use.parallel,
        )
        # One next token per conversation is all that is ever asked for; room for the logits of a whole batch would
        # take batch · vocabulary · 4 bytes (512 MiB for Gemma 3).
        params.n_outputs_max = use.parallel
        params.n_threads = params.n_threads_batch = threads
        params.type_k = params.type_v = TYPE_NUMBERS[use.cache]
        params.flash_attn_type = FLASH_ATTENTION[use.flash_attention]
        params.kv_unified = True  # one conversation may use the whole cache while the others rest
        params.no_perf = True
        # llama.cpp asks `abort` at every node of the graph. A Python function would need the interpreter's lock
        # each time; strlen() of a buffer we own answers 0 or 1 without it.
        self._flag = ctypes.create_string_buffer(2)
        params.abort_callback = ctypes.cast(_c_library().strlen, lib.ggml_abort_callback)
        params.abort_callback_data = ctypes.addressof(self._flag)
        _said.clear()
        self.pointer = lib.llama_init_from_model(weights.pointer, params)
        if not self.pointer:
            raise out_of_memory(weights.path)
        self._memory = lib.llama_get_memory(self.pointer)
        self.tokens = int(lib.llama_n_ctx(self.pointer))
        self.batch_tokens = use.batch
        self._batch = lib.llama_batch_init(use.batch, 0, 1)
        self._filled = 0

    def clear_batch(self) -> None:
        """Start composing the next batch."""
        self._filled = 0

    @property
    def room(self) -> int:
        """Tokens the batch still takes."""
        return self.batch_tokens - self._filled

    def put(self, tokens: Sequence[int], position: int, sequence: int, *, wants_logits: bool) -> int:
        """Append `tokens` of `sequence` from `position` on; gives the batch index of the last one."""
        batch, at = self._batch, self._filled
        ids, positions, counts, seqs, logits = batch.token, batch.pos, batch.n_seq_id, batch.seq_id, batch.logits
        for token in tokens:
            ids[at], positions[at], counts[at], logits[at] = token, position, 1, 0
            seqs[at][0] = sequence
            at += 1
            position += 1
        if wants_logits:
            logits[at - 1] = 1
        self._filled = at
        return at - 1

    def compute_with(self, threads: int) -> None:
        """As many threads from the next batch on."""
        self._lib.llama_set_n_threads(self.pointer, threads, threads)

    def decode(self) -> int:
        """Compute the batch: 0, NO_SLOT (nothing changed) or ABORTED (unknown how far). Raises `ModelError`."""
        self._batch.n_tokens = self._filled
        code = int(self._lib.llama_decode(self.pointer, self._batch))
        if code < 0 or code > ABORTED:
            raise engine_failed(f"llama_decode returned {code}. {said()}".strip())
        return code

    def logits(self, index: int, vocabulary: int) -> NDArray[np.float32]:
        """(vocabulary,) float32 logits behind batch position `index`, which wanted them; a view until the next decode."""
        import numpy as np

        return np.ctypeslib.as_array(self._lib.llama_get_logits_ith(self.pointer, index), shape=(vocabulary,))

    def abort(self, *, wanted: bool = True) -> None:
        """Make a decode in progress return ABORTED within one node of its graph, from any thread."""
        self._flag[0] = b"\1" if wanted else b"\0"

    def forget(self, sequence: int, start: int = 0) -> bool:
        """Drop a sequence's cache from `start` on; False when this kind of model can only drop all of it."""
        return bool(self._lib.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def share(self, source: int, target: int, length: int) -> None:
        """Let `target` use the first `length` tokens of `source` too; in a unified cache this copies nothing."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def state_size(self, sequence: int) -> int:
        """Bytes of such a copy."""
        return int(self._lib.llama_state_seq_get_size(self.pointer, sequence))

    def state(self, sequence: int) -> ctypes.Array[ctypes.c_uint8]:
        """A copy of a sequence's cache, for `restore`."""
        size = self.state_size(sequence)
        copy = (ctypes.c_uint8 * size)()
        self._lib.llama_state_seq_get_data(self.pointer, copy, size, sequence)
        return copy

    def restore(self, sequence: int, state: ctypes.Array[ctypes.c_uint8] | bytes) -> bool:
        """Put a sequence's cache back, in place of what it has; False when there is no room for it."""
        data = ctypes.cast(state, ctypes.POINTER(ctypes.c_uint8))  # type: ignore[arg-type]  # takes bytes too
        return bool(self._lib.llama_state_seq_set_data(self.pointer, data, len(state), sequence))

    def clear(self) -> None:
        """Forget everything."""
        self._lib.llama_memory_clear(self._memory, True)  # noqa: FBT003

    def close(self) -> None:
        """Free the memory."""
        if self.pointer:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self.pointer)
            self.pointer = None


def supports_gpu() -> bool:
    """Whether this build of llama.cpp has a GPU backend (and finds a device for it)."""
    return bool(library().llama_supports_gpu_offload())


def version() -> str:
    """Of llama.cpp, as far as the Python package tells."""
    import llama_cpp

    return str(llama_cpp.__version__)
