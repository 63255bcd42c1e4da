"""Make models/weights/lines.onnx from the PP-OCRv6 text detector that the rapidocr wheel carries.

    python -m vision.training.lines RAPIDOCR_MODELS_FOLDER models/weights/lines.onnx

The network says what it said before, up to rounding, in less time (swifter). Its weights are stored in half precision
and widened when loaded.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, helper, numpy_helper

from vision.training.ppocr import spell_padding_out, store_as_half

SOURCE = "PP-OCRv6_det_small.onnx"
FEW = "grid.few"  # few weights, which were never stored in half precision
Weights = npt.NDArray[np.float32]


def swifter(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network, written so that ONNX Runtime keeps its pictures in the order its convolutions want."""
    graph = _Graph(model)
    for node in [n for n in graph.nodes if n.op_type in ("Conv", "MaxPool")]:
        spell_padding_out(node)
    for node in [n for n in graph.nodes if n.op_type == "Add"]:
        _scale_once(graph, node)
    for node in [n for n in graph.nodes if n.op_type == "Conv"]:
        _take_apart(graph, node)
    (whole,) = (n for n in graph.nodes if n.op_type == "Sigmoid")
    _end_on_a_grid(graph, whole)
    del model.graph.value_info[:]
    return graph.written()


class _Graph:
    """The nodes of a network in order, what each name is made by, and what the constant ones hold."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self.nodes = [node for node in model.graph.node if node.op_type != "Identity"]
        names = {n.output[0]: n.input[0] for n in model.graph.node if n.op_type == "Identity"}
        for node in self.nodes:
            for place, name in enumerate(node.input):
                while name in names:
                    name = names[name]
                node.input[place] = name
        self.made = {name: node for node in self.nodes for name in node.output}
        self.held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}

    def maker(self, name: str, kind: str) -> NodeProto | None:
        """The node that makes what is named so, if it is of this kind."""
        node = self.made.get(name)
        return node if node is not None and node.op_type == kind else None

    def hold(self, name: str, value: Weights) -> str:
        """Keep a constant; its name."""
        self._model.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def replace(self, node: NodeProto, by: Sequence[NodeProto]) -> None:
        """Put nodes, the last of which makes what node made, in its place."""
        at = next(place for place, other in enumerate(self.nodes) if other is node)
        self.nodes[at : at + 1] = by

    def written(self) -> onnx.ModelProto:
        """The network without what nothing asks for any more."""
        asked = {output.name for output in self._model.graph.output}
        kept = []
        for node in reversed(self.nodes):
            if asked & set(node.output):
                asked |= set(node.input)
                kept.append(node)
        del self._model.graph.node[:]
        self._model.graph.node.extend(reversed(kept))
        held = [tensor for tensor in self._model.graph.initializer if tensor.name in asked]
        del self._model.graph.initializer[:]
        self._model.graph.initializer.extend(held)
        return self._model


def _scale_once(graph: _Graph, add: NodeProto) -> None:
    """x + x * s, with one s a channel, as x * (1 + s): one way less through the picture."""
    for x, scaled in (tuple(add.input), tuple(reversed(add.input))):
        mul = graph.maker(scaled, "Mul")
        if mul is None or x not in mul.input:
            continue
        (scale,) = (name for name in mul.input if name != x)
        if graph.maker(scale, "HardSigmoid") is None:
            continue
        more, one = f"{scale}.more", graph.hold(f"{scale}.one", np.ones((1, 1, 1, 1), np.float32))
        by = [helper.make_node("Add", [scale, one], [more]), helper.make_node("Mul", [x, more], add.output)]
        graph.replace(add, by)
        return


def _take_apart(graph: _Graph, conv: NodeProto) -> None:
    """A convolution of two pictures laid upon one another as the sum of one of each: laying them takes longer."""
    concat = graph.maker(conv.input[0], "Concat")
    if concat is None or len(concat.input) != 2:
        return
    weights, sums = graph.held[conv.input[1]], [f"{conv.output[0]}.{n}" for n in range(2)]
    told = {a.name: helper.get_attribute_value(a) for a in conv.attribute}
    half = weights.shape[1] // 2
    parts = [graph.hold(f"{name}.weight", weights[:, n * half : (n + 1) * half]) for n, name in enumerate(sums)]
    convs = [
        helper.make_node("Conv", [x, part, *conv.input[2 + n :]], [name], **told)
        for n, (x, part, name) in enumerate(zip(concat.input, parts, sums, strict=True))
    ]
    graph.replace(conv, [*convs, helper.make_node("Add", sums, conv.output)])


def _end_on_a_grid(graph: _Graph, whole: NodeProto) -> None:
    """The two transposed convolutions before the last sigmoid, each of which makes a pixel four, as two convolutions on
    the grid of every fourth pixel, whose 16 numbers a place are spread over it at the very end."""
    last, last_bias = _with_bias(graph, whole.input[0])
    relu = graph.maker(last.input[0], "Relu")
    if relu is None:
        raise ValueError("no Relu between the last two transposed convolutions")
    first, first_bias = _with_bias(graph, relu.input[0])
    one, two = graph.held[first.input[1]], graph.held[last.input[1]]  # (in, out, 2, 2) and (in, 1, 2, 2)
    middle = one.shape[1]
    many = one.transpose(2, 3, 1, 0).reshape(4 * middle, one.shape[0])
    few = np.zeros((2, 2, 2, 2, 2, 2, middle), np.float32)  # row and column within 4; then what of the 4 * middle
    for a in range(2):
        for b in range(2):
            few[a, :, b, :, a, b] = two[:, 0].transpose(1, 2, 0)
    names = [graph.hold("grid.many", many[:, :, None, None]), graph.hold("grid.many.bias", np.tile(first_bias, 4)),
             graph.hold(FEW, few.reshape(16, 4 * middle)[:, :, None, None]),
             graph.hold("grid.few.bias", np.tile(last_bias, 16))]  # fmt: skip
    graph.replace(whole, [
        helper.make_node("Conv", [first.input[0], *names[:2]], ["grid.wide"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["grid.wide"], ["grid.seen"]),
        helper.make_node("Conv", ["grid.seen", *names[2:]], ["grid.odds"], kernel_shape=[1, 1]),
        helper.make_node("Sigmoid", ["grid.odds"], ["grid.likely"]),
        helper.make_node("DepthToSpace", ["grid.likely"], whole.output, blocksize=4, mode="DCR"),
    ])  # fmt: skip


def _with_bias(graph: _Graph, name: str) -> tuple[NodeProto, Weights]:
    """The transposed convolution, by 2 in both ways, whose result with a bias has this name, and that bias."""
    add = graph.maker(name, "Add")
    for before, bias in (tuple(add.input), tuple(reversed(add.input))) if add else ():
        node = graph.maker(before, "ConvTranspose")
        if node is not None and bias in graph.held:
            told = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if told["kernel_shape"] == told["strides"] == [2, 2]:
                return node, np.asarray(graph.held[bias], np.float32).reshape(-1)
    raise ValueError(f"no transposed convolution by 2 makes {name}")


def main() -> None:
    """Write the detector."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="the folder rapidocr/models of the installed wheel")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    model = swifter(onnx.load(arguments.models / SOURCE))
    store_as_half(model, but=[FEW])
    onnx.checker.check_model(model)
    onnx.save(model, arguments.output)


if __name__ == "__main__":
    main()
