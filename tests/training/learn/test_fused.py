"""Joined nodes of a graph give what the nodes gave, and nothing is left out that something else asks for."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is tested where torch is installed")

import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from vision.training.learn.fused import Node, fused
from vision.training.learn.graph import Graph

RNG = np.random.default_rng(4)
NUMBERS = {"root": math.sqrt(2.0), "one": 1.0, "half": 0.5}
GELU = (
    ("Div", ("sum", "root"), "scaled"),
    ("Erf", ("scaled",), "erf"),
    ("Add", ("erf", "one"), "more"),
    ("Mul", ("sum", "more"), "product"),
    ("Mul", ("product", "half"), "gelu"),
)


def a_model(*, also: str = "") -> onnx.ModelProto:
    """A convolution, its offset and GELU; y is what comes of it, and the value named by also beside it."""
    weights = {"kernel": RNG.normal(size=(3, 2, 3, 3)), "offset": RNG.normal(size=(1, 3, 1, 1)), **NUMBERS}
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["conv"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["conv", "offset"], ["sum0"]),
        helper.make_node("Identity", ["sum0"], ["sum"]),
        *(helper.make_node(operation, list(takes), [gives]) for operation, takes, gives in GELU),
        helper.make_node("Add", ["gelu", also or "gelu"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 6, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in weights.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def operations(graph: Graph) -> list[str]:
    return [node.operation for node in graph._nodes]


@pytest.mark.parametrize(
    ("also", "left"),
    [
        ("", ["ConvOffset", "Gelu", "Add"]),
        ("conv", ["Conv", "Add", "Gelu", "Add"]),
        ("erf", ["ConvOffset", "Div", "Erf", "Add", "Mul", "Mul", "Add"]),
    ],
)
def test_joined_nodes_give_what_the_graph_gives(also: str, left: list[str]) -> None:
    model = a_model(also=also)
    graph = Graph(model, "y")
    assert operations(graph) == left
    x = RNG.normal(size=(1, 2, 6, 8)).astype(np.float32)
    served = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert np.allclose(graph(torch.from_numpy(x)).detach().numpy(), served.run(None, {"x": x})[0], atol=1e-5)


def test_weights_of_joined_nodes_keep_their_names_and_learn() -> None:
    graph = Graph(a_model(), "y")
    assert set(graph.weights()) == {"kernel", "offset"}
    graph(torch.ones(1, 2, 6, 8)).sum().backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in graph.parameters())


@pytest.mark.parametrize("other", ["root", "one", "half"])
def test_what_is_nearly_gelu_stays_as_it_is(other: str) -> None:
    fixed = {name: torch.tensor(number) for name, number in NUMBERS.items()}
    fixed[other] = torch.tensor(NUMBERS[other] * 1.1)
    nodes = [Node(operation, {}, takes, gives) for operation, takes, gives in GELU]
    assert fused(nodes, fixed, {}, "gelu") == nodes


def test_an_offset_for_each_column_is_not_a_convolutions() -> None:
    nodes = [Node("Conv", {}, ("x", "kernel"), "conv"), Node("Add", {}, ("conv", "offset"), "sum")]
    assert fused(nodes, {}, {"offset": torch.zeros(1, 1, 1, 8)}, "sum") == nodes
    assert [n.operation for n in fused(nodes, {}, {"offset": torch.zeros(1, 8, 1, 1)}, "sum")] == ["ConvOffset"]
    # The convolution's own value is what is asked for.
    assert fused(nodes, {}, {"offset": torch.zeros(1, 8, 1, 1)}, "conv")[0].operation == "Conv"
