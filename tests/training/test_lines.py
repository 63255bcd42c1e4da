"""The detector and the recogniser written anew for serving say what they said before."""

from __future__ import annotations

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from vision.training.lines import swifter
from vision.training.ppocr import LOGITS, spell_padding_out, with_its_bias
from vision.types import Floats

RNG = np.random.default_rng(5)
KERNEL = {"kernel_shape": [2, 2], "strides": [2, 2]}


def model_of(nodes: list[onnx.NodeProto], held: dict[str, Floats], output: str, dimensions: int = 4) -> onnx.ModelProto:
    """The network of nodes that takes x, with as many dimensions as it gives."""
    kept = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in held.items()]
    x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, None, None][:dimensions])
    y = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, [None] * dimensions)
    graph = helper.make_graph(nodes, "toy", [x], [y], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def said(model: onnx.ModelProto, x: Floats) -> Floats:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


def normal(*shape: int) -> Floats:
    return RNG.normal(0, 0.7, shape).astype(np.float32)


def detector(stride: int = 2) -> onnx.ModelProto:
    """A small network with what the detector has: a pooling padded at its end, channels weighed by themselves, two
    transposed convolutions before a sigmoid."""
    last = {"kernel_shape": [2, 2], "strides": [stride, stride]}
    nodes = [
        helper.make_node("MaxPool", ["x"], ["pooled"], kernel_shape=[2, 2], strides=[1, 1], auto_pad="SAME_UPPER"),
        helper.make_node("Conv", ["pooled", "w"], ["seen"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["seen"], ["mean"]),
        helper.make_node("HardSigmoid", ["mean"], ["share"]),
        helper.make_node("Mul", ["seen", "share"], ["weighed"]),
        helper.make_node("Identity", ["weighed"], ["same"]),
        helper.make_node("Add", ["seen", "same"], ["both"]),
        helper.make_node("ConvTranspose", ["both", "one"], ["wide"], **KERNEL),
        helper.make_node("Add", ["wide", "one.bias"], ["wide.sum"]),
        helper.make_node("Relu", ["wide.sum"], ["wide.on"]),
        helper.make_node("ConvTranspose", ["wide.on", "two"], ["whole"], **last),
        helper.make_node("Add", ["whole", "two.bias"], ["whole.sum"]),
        helper.make_node("Sigmoid", ["whole.sum"], ["y"]),
    ]
    held = {"w": normal(5, 3, 3, 3), "one": normal(5, 4, 2, 2), "one.bias": normal(1, 4, 1, 1),
            "two": normal(4, 1, 2, 2), "two.bias": normal(1, 1, 1, 1)}  # fmt: skip
    return model_of(nodes, held, "y")


def test_a_detector_written_for_speed_says_the_same_of_every_pixel() -> None:
    before = detector()
    after = swifter(copy.deepcopy(before))
    x = normal(1, 3, 6, 9)
    expected = said(before, x)
    assert expected.shape == (1, 1, 24, 36)
    assert np.ptp(expected) > 0.2
    np.testing.assert_allclose(said(after, x), expected, atol=1e-5)


def test_what_is_slow_is_gone_and_nothing_is_left_over() -> None:
    graph = swifter(detector()).graph
    kinds = [node.op_type for node in graph.node]
    assert not {"ConvTranspose", "Identity"} & set(kinds)
    assert not any(a.name == "auto_pad" for node in graph.node for a in node.attribute)
    asked = {name for node in graph.node for name in node.input}
    assert {tensor.name for tensor in graph.initializer} <= asked


def test_a_detector_of_another_build_is_refused() -> None:
    with pytest.raises(ValueError, match="transposed"):
        swifter(detector(stride=1))
    window = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[1, 1], auto_pad="SAME_UPPER")
    with pytest.raises(ValueError, match="2 x 2"):
        spell_padding_out(window)


def test_the_last_product_gives_the_same_with_its_bias_among_its_weights() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node("Identity", ["sum"], [LOGITS]),
    ]
    before = model_of(nodes, {"w": normal(7, 30), "bias": normal(30)}, LOGITS, 3)
    after = copy.deepcopy(before)
    with_its_bias(after.graph)
    x = normal(1, 3, 7)
    assert [node.op_type for node in after.graph.node] == ["Pad", "MatMul"]
    np.testing.assert_allclose(said(after, x), said(before, x), atol=1e-5)
