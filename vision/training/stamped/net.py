"""The network: the PP-OCRv6 small recogniser's features under a new head, for one gray channel.

Its graph is taken from the ONNX file of the rapidocr wheel (Apache-2.0, see NOTICE). The three colour channels of its
first layer are summed, since they would all be the same gray; its last layer is replaced by one for our labels, whose
rows start as the recogniser's own where it knows the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnx.utils
import torch
from onnx import helper, numpy_helper
from torch import nn

SOURCE = "PP-OCRv6_rec_small.onnx"
FEATURES = "p2o.pd_op.transpose.8.0"
FIRST_WEIGHTS = "conv2d_69.w_0"
HEAD = ("linear_8.w_0", "linear_8.b_0")
# Where a label has no shape in the recogniser's alphabet but a near one.
STARTS_AS = {"<star>": "★", "<open star>": "☆", "<dot>": "·", "<circle>": "○", "<nato cross>": "⊕", "<cross>": "+",
             "<asterisk>": "*", "<dash>": "-", "<broad arrow>": "↑", "<triangle>": "△", "<diamond>": "◇",
             "<square>": "□", "<box>": "□", "<small circle>": "○", "Б": "6", "Г": "Γ", "Д": "Δ", "З": "3", "И": "N",
             "Л": "Λ", "П": "Π", "Ф": "Φ", "Я": "R", "Э": "3", "Ч": "4", "٠": "·", "١": "1", "٧": "V",
             "٨": "Λ", "٩": "9", "۵": "0"}  # fmt: skip


class StampedNet(nn.Module):
    """(N, 1, 48, W) gray in -1..1 to (N, W / 8, labels) log-probabilities."""

    def __init__(self, features: nn.Module, width: int, labels: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(width, labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(self.head(self.features(x)), dim=-1)


def pretrained(source: Path, labels: Sequence[str]) -> StampedNet:
    """The network with the recogniser's features, and its head where it knows the label."""
    model = onnx.load(source)
    alphabet = ["", *{p.key: p.value for p in model.metadata_props}["character"].split("\n")]
    weights = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    head, bias = (weights[name] for name in HEAD)
    net = StampedNet(_features(model), head.shape[0], len(labels))
    known = {c: i for i, c in reversed(list(enumerate(alphabet)))}
    with torch.no_grad():
        nn.init.normal_(net.head.weight, std=float(head.std()) * 0.5)
        net.head.bias.fill_(float(np.median(bias)))
        for row, label in enumerate(labels):
            column = known.get(label, known.get(STARTS_AS.get(label, ""), 0) or None)
            if column is not None:
                net.head.weight[row] = torch.from_numpy(head[:, column].copy())
                net.head.bias[row] = float(bias[column])
    # Its norms keep to what they learnt from many lines: a batch of windows, half of them bare metal, is no measure.
    return net.eval()


def _features(model: onnx.ModelProto) -> nn.Module:
    """The graph up to its features as a torch module for one channel."""
    for node in model.graph.node:
        _write_padding_out(node)
    extractor = onnx.utils.Extractor(model)
    graph = extractor.extract_model([model.graph.input[0].name], [FEATURES])
    first = next(node for node in graph.graph.node if node.op_type == "Conv")
    for tensor in graph.graph.initializer:
        if tensor.name == first.input[1]:
            summed = numpy_helper.to_array(tensor).sum(axis=1, keepdims=True)
            tensor.CopyFrom(numpy_helper.from_array(summed, tensor.name))
    shape = graph.graph.input[0].type.tensor_type.shape
    shape.dim[1].dim_value = 1
    # Only for a beginning from nothing: it wants torchvision too, which seldom fits a torch made for processors alone.
    from onnx2torch import convert

    with TemporaryDirectory() as folder:
        path = Path(folder) / "features.onnx"
        onnx.save(graph, path)
        return trainable(convert(str(path)))


def trainable(module: nn.Module) -> nn.Module:
    """The converted graph with the matrices and norms that it keeps as buffers made parameters."""
    kept = getattr(module, "initializers", nn.Module())
    for name, buffer in list(kept.named_buffers()):
        if buffer.is_floating_point() and buffer.numel() > 1:
            delattr(kept, name)
            kept.register_parameter(name, nn.Parameter(buffer))
    return module


def _write_padding_out(node: onnx.NodeProto) -> None:
    """SAME_UPPER of a 2 x 2 window is one row and column after the end; the converter wants it said."""
    for attribute in list(node.attribute):
        if attribute.name == "auto_pad" and attribute.s == b"SAME_UPPER":
            for other in [a for a in node.attribute if a.name in ("auto_pad", "pads")]:
                node.attribute.remove(other)
            node.attribute.append(helper.make_attribute("pads", [0, 0, 1, 1]))
            return
