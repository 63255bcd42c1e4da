"""The reader before its first step says what the recogniser says; a reader between two has the weights between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is not installed")
onnx = pytest.importorskip("onnx", reason="training is not installed")

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from training.learn.tiny import LABELS, tiny_start  # noqa: E402

from vision.errors import KitError  # noqa: E402
from vision.training.learn.start import served, served_model  # noqa: E402
from vision.training.stamped import begin  # noqa: E402
from vision.training.stamped.mix import in_order, mixed, rows_like  # noqa: E402

# The tiny network is traced the old way, which wants no further package.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RNG = np.random.default_rng(5)


def recogniser(path: Path) -> Path:
    """A little network in the recogniser's form: colour in, a norm, a pooling that pads, a head for five characters."""
    weights = {
        "w": RNG.normal(size=(6, 3, 2, 2)), "gain": RNG.uniform(0.5, 2, 6), "offset": RNG.normal(size=6),
        "mean": RNG.normal(size=6), "variance": RNG.uniform(0.2, 3, 6),
        begin.HEAD[0]: RNG.normal(size=(6, 6)), begin.HEAD[1]: RNG.normal(size=6),
    }  # fmt: skip
    same = {"auto_pad": "SAME_UPPER", "kernel_shape": [2, 2]}
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["seen"], strides=[1, 1], **same),
        helper.make_node(
            "BatchNormalization", ["seen", "gain", "offset", "mean", "variance"], ["normed"], epsilon=1e-4
        ),
        helper.make_node("MaxPool", ["normed"], ["pooled"], strides=[1, 1], **same),
        helper.make_node("AveragePool", ["pooled"], ["small"], kernel_shape=[48, 8], strides=[48, 8]),
        helper.make_node("Squeeze", ["small"], ["line"], axes=[2]),
        helper.make_node("Transpose", ["line"], [begin.FEATURES], perm=[0, 2, 1]),
        helper.make_node("MatMul", [begin.FEATURES, begin.HEAD[0]], ["product"]),
        helper.make_node("Add", ["product", begin.HEAD[1]], ["sum"]),
        helper.make_node("Softmax", ["sum"], ["out"], axis=2),
    ]
    graph = helper.make_graph(
        nodes, "recogniser",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 48, "w"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", "t", 6])],
        [numpy_helper.from_array(a.astype(np.float32), n) for n, a in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=10)
    model.metadata_props.add(key="character", value="\n".join("AB7×★"))
    onnx.save(model, path)
    return path


def said_by(path: Path, name: str, values: np.ndarray) -> np.ndarray:
    return np.asarray(onnxruntime.InferenceSession(path).run(None, {name: values})[0])


def test_the_reader_begins_with_what_the_recogniser_says_of_gray_in_onnx_and_in_torch(tmp_path: Path) -> None:
    source, path = recogniser(tmp_path / "source.onnx"), tmp_path / "begin.onnx"
    onnx.save(begin.begun(source, ("", "7", "A", "<star>")), path)
    gray = RNG.uniform(-1, 1, (2, 1, 48, 64)).astype(np.float32)
    every = said_by(source, "image", np.repeat(gray, 3, axis=1))
    # "<star>" is none of the recogniser's characters; of the others blank, 7 and A are its classes 0, 3 and 1.
    some = every[:, :, [0, 3, 1]]
    expected = some / some.sum(axis=2, keepdims=True)
    net, labels = served(path)
    assert labels == ("", "7", "A")
    assert np.abs(np.exp(said_by(path, "x", gray)) - expected).max() < 2e-3  # half precision
    with torch.no_grad():
        assert np.abs(net(torch.from_numpy(gray)).exp().numpy() - expected).max() < 2e-3
    assert not {"BatchNormalization", "Softmax"} & {n.op_type for n in onnx.load(path).graph.node}


def other(start: Path, path: Path) -> Path:
    """The tiny reader with every weight moved."""
    net, labels = served(start)
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(torch.linspace(-0.5, 0.5, weight.numel()).reshape(weight.shape))
    onnx.save(served_model(start, net, labels, 2), path)
    return path


def test_a_reader_between_two_has_the_weights_between_theirs(tmp_path: Path) -> None:
    first = tiny_start(tmp_path / "first.onnx")
    second = other(first, tmp_path / "second.onnx")
    path = tmp_path / "mixed.onnx"
    for share in (0.0, 0.3, 1.0):
        onnx.save(mixed(first, second, share), path)
        a, b, between = (served(p)[0] for p in (first, second, path))
        for one, two, got in zip(a.parameters(), b.parameters(), between.parameters(), strict=True):
            assert float((got - one.lerp(two, share)).detach().abs().max()) < 2e-3  # half precision
    assert served(path)[1] == LABELS


def test_weights_are_matched_by_their_place_in_the_network_and_not_by_name(tmp_path: Path) -> None:
    first = tiny_start(tmp_path / "first.onnx")
    second = onnx.load(other(first, tmp_path / "second.onnx"))
    names = {t.name: f"renamed.{i}" for i, t in enumerate(second.graph.initializer)}
    for tensor in second.graph.initializer:
        tensor.name = names[tensor.name]
    for node in second.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    onnx.save(second, tmp_path / "renamed.onnx")
    one = mixed(first, tmp_path / "second.onnx", 0.4)
    two = mixed(first, tmp_path / "renamed.onnx", 0.4)
    for (_, a), (_, b) in zip(in_order(one), in_order(two), strict=True):
        assert np.array_equal(a, b)


def test_a_label_that_only_the_second_knows_keeps_its_row() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    theirs = np.array([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]])
    got = rows_like(rows, ("", "A"), theirs, ("", "★", "A"), axis=1)
    assert got.tolist() == [[1.0, 20.0, 2.0], [3.0, 50.0, 4.0]]


def test_readers_of_other_layers_are_not_mixed(tmp_path: Path) -> None:
    first = tiny_start(tmp_path / "first.onnx")
    onnx.save(begin.begun(recogniser(tmp_path / "source.onnx"), ("", "A")), tmp_path / "begin.onnx")
    with pytest.raises(KitError, match=r"not made of the same layers"):
        mixed(first, tmp_path / "begin.onnx", 0.5)
