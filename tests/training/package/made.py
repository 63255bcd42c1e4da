"""A model package of a few kilobytes, whole and verified."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from vision.manifest import file_sha256, shipped_folder, write_manifest
from vision.training.package.tensors import write_tensors
from vision.training.package.verdict import COMPARED

LABELS = ["", "A", "B"]
SHIPPED_KIT = file_sha256(shipped_folder() / "manifest.json")
FACTS = {
    "schema": "marktrace-package/1",
    "name": "small",
    "licence": "CC0-1.0",
    "set": {"name": "finds", "version": "1.0", "sha256": "0" * 64},
    COMPARED: {"to": SHIPPED_KIT, "verdict": "not worse", "worse_on": []},
}


def small_reader() -> bytes:
    """A network from (N, 1, 48, W) to (N, W / 8, 3) of one convolution."""
    rng = np.random.default_rng(5)
    weights = numpy_helper.from_array(rng.normal(0, 0.1, (3, 1, 48, 8)).astype(np.float32), "w")
    axis = numpy_helper.from_array(np.array([2], np.int64), "axis")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], strides=[48, 8]),
        helper.make_node("Squeeze", ["c", "axis"], ["s"]),
        helper.make_node("Transpose", ["s"], ["t"], perm=[0, 2, 1]),
        helper.make_node("LogSoftmax", ["t"], ["log_probs"], axis=2),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 48, "width"])
    out = helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["n", "steps", 3])
    model = helper.make_model(
        helper.make_graph(nodes, "small", [x], [out], [weights, axis]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    model.metadata_props.add(key="alphabet", value="\n".join(LABELS[1:]))
    return model.SerializeToString()


def small_package(folder: Path) -> Path:
    """Write the package; its folder."""
    (folder / "weights").mkdir(parents=True)
    (folder / "weights/stamped.onnx").write_bytes(small_reader())
    tensors = {"w": np.arange(12, dtype=np.float16).reshape(3, 4), "b": np.ones(3, np.float32), "n": np.int64([7])}
    write_tensors(folder / "weights/stamped.safetensors", tensors, {"labels": json.dumps(LABELS)})
    (folder / "labels.json").write_text(json.dumps(LABELS), "utf-8")
    (folder / "card.md").write_text("# small\n\nA package for tests.\n", "utf-8")
    (folder / "package.json").write_text(json.dumps(FACTS), "utf-8")
    write_manifest(folder)
    return folder
