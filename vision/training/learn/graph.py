"""An ONNX graph as a torch module whose weights learn, and the same graph with what they learnt.

Only the operations of readers are known, each as ONNX (opset 17) says; a graph with another one is refused.
What does not depend on a weight or on the input is worked out once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from vision.errors import KitError
from vision.training.learn.fused import Node, fused

Attributes = Mapping[str, Any]
_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16}


class Graph(nn.Module):
    """The nodes of a graph from its only input up to one of its values. Float weights of more than one number learn."""

    def __init__(self, model: onnx.ModelProto, output: str) -> None:
        super().__init__()
        self._input, self._output = model.graph.input[0].name, output
        self._nodes: list[Node] = []
        self._fixed: dict[str, Tensor] = {}
        self._weights: dict[str, str] = {}
        needed = _needed(model, output)
        for tensor in model.graph.initializer:
            if tensor.name in needed:
                self._keep(tensor.name, torch.from_numpy(numpy_helper.to_array(tensor).copy()))
        for node in model.graph.node:
            if node.output[0] in needed:
                self._add(node)
        weights = {name: getattr(self, own) for name, own in self._weights.items()}
        self._nodes = fused(self._nodes, self._fixed, weights, output)

    def _keep(self, name: str, values: Tensor) -> None:
        """A weight that learns, or a value that stays."""
        if values.is_floating_point() and values.numel() > 1:
            self._weights[name] = name.replace(".", "_")
            self.register_parameter(self._weights[name], nn.Parameter(values))
        else:
            self._fixed[name] = values

    def _add(self, node: onnx.NodeProto) -> None:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        one = Node(node.op_type, attributes, tuple(node.input), node.output[0])
        if one.operation not in _OPERATIONS or len(node.output) != 1 or node.domain not in ("", "ai.onnx"):
            raise KitError(f"A network with the operation {one.operation[:40]} cannot be trained on.")
        if all(name in self._fixed or not name for name in one.takes):
            self._fixed[one.gives] = _OPERATIONS[one.operation]([self._fixed.get(n) for n in one.takes], attributes)
        else:
            self._nodes.append(one)

    def forward(self, x: Tensor) -> Tensor:
        """The output's value."""
        values: dict[str, Tensor] = dict(self._fixed)
        values |= {name: getattr(self, own) for name, own in self._weights.items()}
        values[self._input] = x
        for node in self._nodes:
            values[node.gives] = _OPERATIONS[node.operation]([values.get(n) for n in node.takes], node.attributes)
        return values[self._output]

    def weights(self) -> dict[str, np.ndarray]:
        """Every weight that learns, by its name in the graph."""
        return {name: getattr(self, own).detach().cpu().numpy() for name, own in self._weights.items()}


def _needed(model: onnx.ModelProto, output: str) -> set[str]:
    """The names a value is worked out from, its own among them."""
    needed = {output}
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
    return needed


def widened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with half-precision weights as float32, and a weight of its own for each place that shares one."""
    values = {t.name: t for t in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        source = values.get(node.input[0]) if len(node.input) == 1 else None
        if source is None or node.op_type not in ("Cast", "Identity"):
            kept.append(node)
            continue
        array = numpy_helper.to_array(source)
        array = array.astype(np.float32) if node.op_type == "Cast" else array
        tensor = numpy_helper.from_array(array, node.output[0])
        values[node.output[0]] = tensor
        model.graph.initializer.append(tensor)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    used = {name for node in kept for name in node.input}
    tensors = [t for t in model.graph.initializer if t.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(tensors)
    return model


def put_weights(model: onnx.ModelProto, weights: Mapping[str, np.ndarray]) -> None:
    """Replace initializers of a model by name, in place."""
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(weights[tensor.name]), tensor.name))


# Each operation takes its inputs (None where left out) and the node's attributes.
Inputs = Sequence[Any]


def _conv(x: Inputs, a: Attributes) -> Tensor:
    top, left, bottom, right = a.get("pads", (0, 0, 0, 0))
    image = x[0] if (top, left) == (bottom, right) else functional.pad(x[0], (left, right, top, bottom))
    padding = (top, left) if (top, left) == (bottom, right) else (0, 0)
    bias = x[2] if len(x) > 2 else None
    return functional.conv2d(image, x[1], bias, a.get("strides", (1, 1)), padding, a.get("dilations", (1, 1)),
                             a.get("group", 1))  # fmt: skip


def _conv_offset(x: Inputs, a: Attributes) -> Tensor:
    return _conv([x[0], x[1], x[2].flatten()], a)


def _pool(x: Inputs, a: Attributes, pool: Callable[..., Tensor]) -> Tensor:
    margin = any(a.get("pads", ()))
    if a.get("ceil_mode", 0) or any(d != 1 for d in a.get("dilations", ())):
        raise KitError("A network that pools in steps between its pixels cannot be trained on.")
    if margin and pool is not functional.max_pool2d:
        raise KitError("A network that averages over a margin cannot be trained on.")
    top, left, bottom, right = a["pads"] if margin else (0, 0, 0, 0)
    # What lies outside is never the largest.
    image = functional.pad(x[0], (left, right, top, bottom), value=-math.inf) if margin else x[0]
    return pool(image, tuple(a["kernel_shape"]), tuple(a.get("strides", (1,) * len(a["kernel_shape"]))))


def _pad(x: Inputs, a: Attributes) -> Tensor:
    if a.get("mode", b"constant") != b"constant":
        raise KitError("A network that pads by mirroring cannot be trained on.")
    ends = x[1].tolist()
    half = len(ends) // 2
    pairs = [side for axis in reversed(range(half)) for side in (ends[axis], ends[half + axis])]
    return functional.pad(x[0], pairs, value=float(x[2]) if len(x) > 2 and x[2] is not None else 0.0)


def _reshape(x: Inputs, _a: Attributes) -> Tensor:
    return x[0].reshape([x[0].shape[i] if n == 0 else n for i, n in enumerate(x[1].tolist())])


def _slice(x: Inputs, _a: Attributes) -> Tensor:
    found, starts, ends = x[0], x[1].tolist(), x[2].tolist()
    axes = x[3].tolist() if len(x) > 3 and x[3] is not None else list(range(len(starts)))
    steps = x[4].tolist() if len(x) > 4 and x[4] is not None else [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        places = range(found.shape[axis])[start:end:step]
        if step < 0:
            found = found.index_select(axis, torch.tensor(list(places), device=found.device))
        else:
            found = found[(slice(None),) * (axis % found.dim()) + (slice(places.start, places.stop, step),)]
    return found


def _squeeze(x: Inputs, a: Attributes) -> Tensor:
    axes = x[1].tolist() if len(x) > 1 and x[1] is not None else a.get("axes")
    axes = [i for i, n in enumerate(x[0].shape) if n == 1] if axes is None else axes
    return x[0].squeeze(tuple(axes))


def _unsqueeze(x: Inputs, a: Attributes) -> Tensor:
    axes = x[1].tolist() if len(x) > 1 else list(a["axes"])  # an attribute before opset 13
    found, count = x[0], x[0].dim() + len(axes)
    for axis in sorted(axis % count for axis in axes):
        found = found.unsqueeze(axis)
    return found


def _gather(x: Inputs, a: Attributes) -> Tensor:
    axis = a.get("axis", 0) % x[0].dim()
    places = x[1].to(x[0].device)
    places = torch.where(places < 0, places + x[0].shape[axis], places)
    shape = (*x[0].shape[:axis], *places.shape, *x[0].shape[axis + 1 :])
    return x[0].index_select(axis, places.reshape(-1)).reshape(shape)


def _divide(x: Inputs, _a: Attributes) -> Tensor:
    whole = not x[0].is_floating_point()
    return torch.div(x[0], x[1], rounding_mode="trunc") if whole else x[0] / x[1]


def _clip(x: Inputs, _a: Attributes) -> Tensor:
    low, high = (float(v) if v is not None else None for v in (*x[1:], None, None)[:2])
    return x[0].clamp(low, high)


def _mean(x: Inputs, a: Attributes) -> Tensor:
    axes = tuple(a["axes"]) if "axes" in a else tuple(range(x[0].dim()))
    return x[0].mean(dim=axes, keepdim=bool(a.get("keepdims", 1)))


def _filled(x: Inputs, a: Attributes) -> Tensor:
    value = numpy_helper.to_array(a["value"]) if "value" in a else np.zeros(1, np.float32)
    return torch.from_numpy(np.full(x[0].tolist(), value[0]))


_OPERATIONS: dict[str, Callable[[Inputs, Attributes], Tensor]] = {
    "Add": lambda x, a: x[0] + x[1],
    "Sub": lambda x, a: x[0] - x[1],
    "Mul": lambda x, a: x[0] * x[1],
    "Div": _divide,
    "Pow": lambda x, a: x[0] ** x[1],
    "Sqrt": lambda x, a: x[0].sqrt(),
    "Erf": lambda x, a: x[0].erf(),
    "Relu": lambda x, a: x[0].relu(),
    "Sigmoid": lambda x, a: x[0].sigmoid(),
    "HardSigmoid": lambda x, a: (x[0] * a.get("alpha", 0.2) + a.get("beta", 0.5)).clamp(0.0, 1.0),
    "Softmax": lambda x, a: x[0].softmax(a.get("axis", -1)),
    "Clip": _clip,
    "MatMul": lambda x, a: x[0] @ x[1],
    "Conv": _conv,
    "ConvOffset": _conv_offset,
    "Gelu": lambda x, a: functional.gelu(x[0]),
    "MaxPool": lambda x, a: _pool(x, a, functional.max_pool2d),
    "AveragePool": lambda x, a: _pool(x, a, functional.avg_pool2d),
    "ReduceMean": _mean,
    "Transpose": lambda x, a: x[0].permute(tuple(a.get("perm", reversed(range(x[0].dim()))))),
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": lambda x, a: torch.cat([one.to(x[0].device) for one in x], dim=a["axis"]),
    "Gather": _gather,
    "Pad": _pad,
    "Identity": lambda x, a: x[0],
    "Cast": lambda x, a: x[0].to(_TYPES[a["to"]]),
    "Constant": lambda x, a: torch.from_numpy(numpy_helper.to_array(a["value"]).copy()),
    "ConstantOfShape": _filled,
    "Shape": lambda x, a: torch.tensor(tuple(x[0].shape)[a.get("start", 0) : a.get("end")]),
}
