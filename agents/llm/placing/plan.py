"""Where each layer goes and what every device then holds. Pure arithmetic over a `Shape`; nothing is loaded."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.llm.gguf import TENSOR_TYPES, TYPE_NUMBERS
from agents.llm.placing.shape import Shape
from agents.llm.use import PAD, Use

_CLIMB = 8
"""Steps better than the bound allows that are worth asking llama.cpp about."""
CPU = "CPU"
_MOST_MARGIN = 2**30
"""What llama.cpp's own fitting leaves free per device (--fit-target 1024 MiB); it holds the driver's context, cuBLAS'
workspace and what others take in the meantime."""


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU; sizes in bytes."""

    name: str
    free: int
    total: int

    @property
    def margin(self) -> int:
        """Left free: 1 GiB, on small cards an eighth."""
        return min(_MOST_MARGIN, self.total // 8)


@dataclass(frozen=True, slots=True)
class Share:
    """What one device holds; bytes."""

    device: str
    weights: int = 0
    cache: int = 0
    """Keys and values, and recurrent states."""
    compute: int = 0
    room: int = 0
    """Free memory less the margin."""
    layers: int = 0
    total: int = 0
    """What the device has; 0 where nobody asked."""

    @property
    def needed(self) -> int:
        """Everything together."""
        return self.weights + self.cache + self.compute

    @property
    def others(self) -> int:
        """Taken by everything else, or kept as a margin."""
        return self.total - self.room

    @property
    def free(self) -> int:
        """Left when the model is loaded; below 0 it does not fit."""
        return self.room - self.needed

    @property
    def fits(self) -> bool:
        """Within its room."""
        return self.free >= 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision and what follows from it."""

    gpu_layers: int
    """As llama.cpp counts them: the output matrix is one more, and the first to move."""
    layers: int
    """How many there are, the output matrix included."""
    experts_on_cpu: int
    """Blocks, from the first, whose experts stay with the CPU."""
    use: Use
    shares: tuple[Share, ...]
    """GPUs, then the CPU."""
    largest_context: int
    """Tokens that fit with this many layers on the GPUs; 0: not even the least."""
    measured: bool = False
    """Compute buffers are what llama.cpp says, not an upper bound."""

    @property
    def cpu(self) -> Share:
        """The CPU's part."""
        return self.shares[-1]

    @property
    def fits(self) -> bool:
        """Whether every device has room for its part."""
        return all(share.fits for share in self.shares)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans one model for the devices at hand."""

    shape: Shape
    devices: tuple[Device, ...] = ()
    memory: int = 0
    """Free main memory in bytes."""
    measure: Callable[[int, int, Use], dict[str, int] | None] | None = field(default=None, compare=False)
    """Asks llama.cpp for the compute buffers with so many layers on the GPUs and so many blocks' experts off them: bytes by
    device name; None when it can't tell."""
    total_memory: int = 0
    """All main memory; for pictures."""

    @property
    def every(self) -> int:
        """All layers, the output matrix included."""
        return len(self.shape.layers) + 1

    def best(self, use: Use) -> Plan:
        """The plan with the most on the GPUs that fits them; experts go to the CPU before whole layers do.

        With `measure`, an upper bound finds the place to start, and what llama.cpp says decides."""
        choices = list(self._choices())
        at = next((i for i, c in enumerate(choices) if _fit(self.place(*c, use))), len(choices) - 1)
        plan = self.place(*choices[at], use)
        if self.measure is not None:
            plan = self.place(*choices[at], use, exact=True)
            while not _fit(plan) and at + 1 < len(choices):
                at += 1
                plan = self.place(*choices[at], use, exact=True)
            for better in range(at - 1, max(at - _CLIMB, -1), -1):
                tried = self.place(*choices[better], use, exact=True)
                if not tried.measured or not _fit(tried):
                    break
                plan = tried
        return replace(plan, largest_context=self.largest_context(plan))

    def chosen(self, gpu_layers: int, use: Use) -> Plan:
        """The plan with that many layers on the GPUs, fitting or not."""
        layers = min(gpu_layers, self.every) if self.devices else 0
        plan = self.place(layers, 0, use, exact=self.measure is not None)
        return replace(plan, largest_context=self.largest_context(plan))

    def place(self, gpu_layers: int, experts_on_cpu: int, use: Use, *, exact: bool = False) -> Plan:
        """What every device holds with this many layers on the GPUs, fitting or not."""
        shape = self.shape
        homes = self._homes(gpu_layers)
        names = [device.name for device in self.devices]
        weights, cache, count = [dict.fromkeys([*names, CPU], 0) for _ in range(3)]
        for i, layer in enumerate(shape.layers):
            aside = layer.experts if i < experts_on_cpu else 0
            weights[homes[i]] += layer.weights - aside
            weights[CPU] += aside
            cache[homes[i]] += layer_cache(shape, i, use)
            count[homes[i]] += 1
        weights[CPU] += shape.input + (0 if gpu_layers and self.devices else shape.repacked)
        weights[homes[-1]] += shape.output + (shape.tied if homes[-1] != CPU else 0)
        count[homes[-1]] += 1
        measured = self.measure(gpu_layers, experts_on_cpu, use) if exact and self.measure else None
        compute = measured or self._bound(homes, experts_on_cpu, use)
        rooms = {device.name: max(0, device.free - device.margin) for device in self.devices} | {CPU: self.memory}
        totals = {device.name: device.total for device in self.devices} | {CPU: self.total_memory}
        shares = tuple(
            Share(name, weights[name], cache[name], compute.get(name, 0), rooms[name], count[name], totals[name])
            for name in [*names, CPU]
        )
        return Plan(gpu_layers, self.every, experts_on_cpu, use, shares, 0, measured is not None)

    def largest_context(self, plan: Plan) -> int:
        """Tokens, a multiple of 256 up to what the model was trained for, that fit where `plan` puts the layers."""
        most = max(1, (self.shape.trained_context or plan.use.context) // PAD)
        slack: dict[str, int] = {}
        if plan.measured:  # by how much the bound was too careful at this plan's own context
            careful = self.place(plan.gpu_layers, plan.experts_on_cpu, plan.use)
            slack = {a.device: a.compute - b.compute for a, b in zip(careful.shares, plan.shares, strict=True)}

        def overflows(pads: int) -> bool:
            tried = self.place(plan.gpu_layers, plan.experts_on_cpu, replace(plan.use, context=pads * PAD))
            return any(share.needed - slack.get(share.device, 0) > share.room for share in tried.shares)

        return bisect.bisect_left(range(1, most + 1), True, key=overflows) * PAD  # noqa: FBT003

    def _choices(self) -> Iterator[tuple[int, int]]:
        """(GPU layers, blocks with experts on the CPU), best first."""
        if not self.devices:
            yield 0, 0
            return
        most = len(self.shape.layers) if self.shape.moe else 0
        yield from ((self.every, aside) for aside in range(most + 1))
        yield from ((layers, most) for layers in range(self.every - 1, -1, -1))

    def _homes(self, gpu_layers: int) -> list[str]:
        """The device of every block and, last, of the output: llama.cpp's get_layer_buft_list, by free memory."""
        first = max(self.every - gpu_layers, 0)
        active = min(gpu_layers, self.every)
        sums = list(itertools.accumulate(device.free for device in self.devices))
        homes = []
        for i in range(self.every):
            if i < first or not active or not sums or not sums[-1]:
                homes.append(CPU)
                continue
            at = bisect.bisect_right([total / sums[-1] for total in sums], (i - first) / active)
            homes.append(self.devices[min(at, len(sums) - 1)].name)
        return homes

    def _bound(self, homes: Sequence[str], experts_on_cpu: int, use: Use) -> dict[str, int]:
        shape = self.shape
        bound = {}
        for device in {*homes, CPU}:
            bound[device] = compute_bound(shape, use, output=homes[-1] == device)
            if device != CPU and any(home == CPU for home in homes):
                # A long prompt is computed on the GPU even for layers kept on the CPU: their weights pass through it.
                passing = [shape.layers[i].weights for i, home in enumerate(homes[:-1]) if home == CPU]
                bound[device] += max(passing, default=0)
            if device != CPU and experts_on_cpu:
                bound[device] += max(layer.experts for layer in shape.layers[:experts_on_cpu])
        return bound


def layer_cache(shape: Shape, index: int, use: Use) -> int:
    """Bytes one layer remembers: cells · (keys + values) in the cache's type, and f32 states per sequence."""
    layer = shape.layers[index]  # one with a sliding window keeps all of the context too: swa_full is the default
    _, per_block, block_bytes = TENSOR_TYPES[TYPE_NUMBERS[use.cache]]
    row = sum(-(-numbers // per_block) * block_bytes for numbers in (layer.keys, layer.values) if numbers)
    return use.cells * row + 4 * layer.state * use.parallel


def compute_bound(shape: Shape, use: Use, *, output: bool) -> int:
    """An upper bound of a device's compute buffer, in bytes.

    Per token of a batch the widest layer's intermediate results are held in f32, and logits for one token of each
    conversation; beside them the attention mask (f16 and half as much again, once more for windowed layers). Fitted to the buffers
    llama.cpp 0.3.36 reports for the shapes in tests/agents/llm/placing; docs/models.md has the table.
    """
    wide = max(shape.feed, shape.attention, shape.recurrence) + 4 * shape.width
    kinds = 2 if any(layer.windowed for layer in shape.layers) else 1
    masks = 3 * use.cells * kinds if any(layer.keys for layer in shape.layers) else 0
    kept = 8 * use.parallel * shape.vocabulary if output else 0
    # Every head's scores for the whole batch, in f32, and their softmax:
    scores = 8 * shape.heads * use.cells if use.flash_attention == "off" else 0
    states = 8 * max((layer.state for layer in shape.layers), default=0) * use.parallel
    return use.batch * (4 * wide + masks + scores) + states + kept + 2**21


def _fit(plan: Plan) -> bool:
    """On the GPUs; the CPU takes what is left, and can swap."""
    return all(share.fits for share in plan.shares[:-1])


def estimate(parameters: float, bits: float) -> float:
    """Gigabytes for `parameters` billions of weights at `bits` each: M = P · 4 · 1.2 / (32 / Q).

    Four bytes per weight in f32, shrunk by the quantisation, and a fifth more for the cache and what is in passing.
    """
    return parameters * 4 * 1.2 / (32 / bits)
