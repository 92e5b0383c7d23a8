"""The layers of multilingual-e5-small as an ONNX graph of 8-bit products, written straight from its file in .1 s.

Each row of a product's input (a token) is brought to 8 bits by its own largest number, so that a text's vector does not
depend on what it is computed with; the 4-bit weights are brought to 7 bits by column. 7, because the products of two
pairs of 8 bits overflow the 16 bits that processors without VNNI add them up in. So one graph serves all: vectors of two
processors have a cosine of .999 or more, as have those of one after a change of 1e-6 in what goes in.
"""

from __future__ import annotations

import numpy as np

from ingest.embedders.e5_file import E5File
from ingest.embedders.onnx_writing import Graph

_WEIGHT = 63
"""Largest size of a weight."""
_TINY = 1e-9
"""Added to a row's scale, which must not be zero."""


def layers_of(file: E5File) -> bytes:
    """The graph from `embedded`, (texts, tokens, hidden) float32, and `mask`, (texts, tokens) int32, 1 for a token, to the
    tokens' last states, of the shape of `embedded`."""
    return _Layers(file).write()


class _Layers:
    def __init__(self, file: E5File) -> None:
        self._file = file
        self._graph = graph = Graph()
        self._hidden = file.shape.hidden
        self._last = graph.sizes(-1)
        self._column = graph.sizes(-1, 1)
        self._step, self._tiny, self._one, self._zero = map(graph.floats, (1 / 127, _TINY, 1.0, 0.0))
        self._middle = graph.constant(np.array(128, np.uint8))

    def write(self) -> bytes:
        graph, shape = self._graph, ("texts", "tokens", self._hidden)
        embedded = graph.input("embedded", "float32", shape)
        mask = graph.input("mask", "int32", shape[:2])
        whole = graph.node("Shape", embedded)
        thirds = graph.node("Concat", graph.node("Shape", mask), graph.sizes(3 * self._hidden), axis=0)
        flat = graph.node("Reshape", embedded, graph.sizes(-1, self._hidden))
        states = graph.node(
            "LayerNormalization", flat, *self._vectors("emb.ln.w", "emb.ln.b"), epsilon=self._file.epsilon
        )
        for layer in range(self._file.shape.layers):
            name = f"l{layer}."
            together = graph.node("Reshape", self._product(states, f"{name}q.w", f"{name}k.w", f"{name}v.w"), thirds)
            parts = graph.split("Split", 3, together, graph.sizes(*[self._hidden] * 3), axis=-1)
            bias = graph.constant(np.concatenate([self._file.vector(f"{name}{part}.b") for part in "qkv"]))
            seen = graph.node("MultiHeadAttention", *parts, bias, mask, ours=True, num_heads=self._file.shape.heads)
            seen = self._product(graph.node("Reshape", seen, graph.sizes(-1, self._hidden)), f"{name}ao.w")
            states = self._added(seen, states, f"{name}aln.w", f"{name}aln.b", f"{name}ao.b")
            inner = self._product(states, f"{name}fi.w")
            inner = graph.node("BiasGelu", inner, *self._vectors(f"{name}fi.b"), ours=True)
            states = self._added(
                self._product(inner, f"{name}fo.w"), states, f"{name}oln.w", f"{name}oln.b", f"{name}fo.b"
            )
        graph.output(graph.node("Reshape", states, whole), "float32", shape)
        return graph.model()

    def _vectors(self, *names: str) -> list[str]:
        return [self._graph.constant(self._file.vector(name)) for name in names]

    def _added(self, change: str, states: str, *names: str) -> str:
        """The change (its bias is the last of `names`) added to the states, normalised. ONNX Runtime has one operator for
        this as well, which takes twice the time of the three."""
        *norm, bias = self._vectors(*names)
        states = self._graph.node("Add", self._graph.node("Add", change, bias), states)
        return self._graph.node("LayerNormalization", states, *norm, axis=-1, epsilon=self._file.epsilon)

    def _product(self, rows: str, *names: str) -> str:
        """The rows times the weights `names`, one beside the other; biases are added by what comes next."""
        graph = self._graph
        inputs = self._file.shape.inner if names[0].endswith("fo.w") else self._hidden
        weights = np.concatenate([self._file.rows(name, inputs) for name in names])
        scales = np.maximum(weights.max(1), -weights.min(1)) / _WEIGHT
        weights /= scales[:, None]
        whole = np.rint(weights, out=weights).astype(np.int8).T
        largest = graph.node("ReduceMax", graph.node("Abs", rows), self._last, keepdims=0)
        scale = graph.node("Add", graph.node("Mul", largest, self._step), self._tiny)
        middles = graph.node("CastLike", graph.node("Mul", scale, self._zero), self._middle)
        middles = graph.node("Add", middles, self._middle)
        small = graph.node("QuantizeLinear", rows, scale, middles, axis=0)
        product = graph.node(
            "MatMulIntegerToFloat",
            small,
            graph.constant(whole),
            self._one,
            graph.constant(scales),
            self._middle,
            ours=True,
        )
        return graph.node("Mul", product, graph.node("Reshape", scale, self._column))
