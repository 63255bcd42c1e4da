"""The reader before its first step: the PP-OCRv6 small recogniser under a head for our labels.

    python -m vision.training.stamped.begin RAPIDOCR_MODELS_FOLDER runs/begin.onnx

The graph is the recogniser's own, taken from the ONNX file of the rapidocr wheel (Apache-2.0, see NOTICE), up to the
features its last layer works on. The three colour channels of its first layer are summed, since they would all be the
same gray; its norms are folded into the layers before them, and so stand still: a batch of windows, half of them bare
metal, is no measure of what lines look like. The last layer keeps the rows of those of our labels that the recogniser
knows; training begins the others anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, TensorProto, helper, numpy_helper

from vision.read.network import HEIGHT_PX
from vision.training.learn.graph import put_weights, widened
from vision.training.ppocr import SOURCE, store_as_half
from vision.training.stamped.alphabet import labels

FEATURES = "p2o.pd_op.transpose.8.0"
HEAD = ("linear_8.w_0", "linear_8.b_0")


def begun(source: Path, names: Sequence[str]) -> ModelProto:
    """The recogniser in the .onnx file source as a reader of those of names ("" first) that it knows, in the form that
    serves."""
    model = widened(onnx.load(source))
    alphabet = ["", *{p.key: p.value for p in model.metadata_props}["character"].split("\n")]
    names = [name for name in names if name in alphabet]
    head, bias = _head(model, alphabet, names)
    _cut(model)
    _fold_norms(model)
    _for_gray(model)
    _write_padding_out(model)
    graph = model.graph
    graph.initializer.extend(numpy_helper.from_array(a, n) for a, n in ((head, "head.weight"), (bias, "head.bias")))
    graph.node.extend([
        helper.make_node("MatMul", [FEATURES, "head.weight"], ["head.product"]),
        helper.make_node("Add", ["head.product", "head.bias"], ["head.sum"]),
        helper.make_node("LogSoftmax", ["head.sum"], ["log_probs"], axis=-1),
    ])  # fmt: skip
    shape: list[str | int | None] = ["windows", "steps", len(names)]
    del graph.output[:], graph.value_info[:], model.metadata_props[:]
    graph.output.append(helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, shape))
    store_as_half(model)
    model.metadata_props.add(key="alphabet", value="\n".join(names[1:]))
    model.metadata_props.add(key="step", value="0")
    onnx.checker.check_model(model)
    return model


def _weights(model: ModelProto) -> dict[str, npt.NDArray[np.float32]]:
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def _head(
    model: ModelProto, alphabet: Sequence[str], names: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weight (width, labels) and offset (labels,) of the last layer."""
    weight, offset = (_weights(model)[name] for name in HEAD)
    columns = [alphabet.index(name) for name in names]
    return weight[:, columns], offset[columns]


def _cut(model: ModelProto) -> None:
    """Leave the nodes and weights that the features are worked out from."""
    graph, needed = model.graph, {FEATURES}
    nodes = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.append(node)
    tensors = [t for t in graph.initializer if t.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(nodes))
    graph.initializer.extend(tensors)


def _fold_norms(model: ModelProto) -> None:
    """Each norm that follows a convolution becomes a part of it (both are linear)."""
    weights, kept = _weights(model), []
    makers = {output: node for node in model.graph.node for output in node.output}
    for node in model.graph.node:
        if node.op_type != "BatchNormalization":
            kept.append(node)
            continue
        before = makers[node.input[0]]
        gain, offset, mean, variance = (weights[name] for name in node.input[1:5])
        nearly_nothing = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        scale = gain / np.sqrt(variance + nearly_nothing)
        put_weights(model, {before.input[1]: weights[before.input[1]] * scale[:, None, None, None]})
        model.graph.initializer.append(numpy_helper.from_array(offset - mean * scale, f"{before.input[1]}.offset"))
        before.input.append(f"{before.input[1]}.offset")
        before.output[0] = node.output[0]
    used = {name for node in kept for name in node.input}
    tensors = [t for t in model.graph.initializer if t.name in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(tensors)


def _for_gray(model: ModelProto) -> None:
    """One input channel in place of three that are the same, and the input's name and shape as they serve."""
    name = model.graph.input[0].name
    first = next(node for node in model.graph.node if node.input[0] == name)
    put_weights(model, {first.input[1]: _weights(model)[first.input[1]].sum(axis=1, keepdims=True)})
    for node in model.graph.node:
        node.input[:] = ["x" if one == name else one for one in node.input]
    del model.graph.input[:]
    shape: list[str | int | None] = ["windows", 1, HEIGHT_PX, "width"]
    model.graph.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, shape))


def _write_padding_out(model: ModelProto) -> None:
    """Where the graph only says that a window of 2 x 2 gives as much as it takes: one row and column after the end."""
    for node in model.graph.node:
        said = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if said.get("auto_pad") == b"SAME_UPPER" and list(said["kernel_shape"]) == [2, 2]:
            for attribute in [a for a in node.attribute if a.name in ("auto_pad", "pads")]:
                node.attribute.remove(attribute)
            node.attribute.append(helper.make_attribute("pads", [0, 0, 1, 1]))


def main() -> None:
    """Write the reader before its first step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="the folder rapidocr/models of the installed wheel")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    onnx.save(begun(arguments.models / SOURCE, labels()), arguments.output)


if __name__ == "__main__":
    main()
