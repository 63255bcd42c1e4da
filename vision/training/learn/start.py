"""The network to go on training from, taken out of the very file that serves: no second file of weights is needed.

The served ONNX holds its weights in half precision and shares what is equal; both are undone, then the graph becomes a
torch module, and its last layer a head with a row for each label, those it knew as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnx.utils
import torch
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper
from onnx2torch import convert
from torch import nn

from vision.errors import KitError
from vision.training.stamped.net import StampedNet, trainable

LOG_PROBS = "log_probs"
# Rows of labels the network does not know start as small as this share of the others' spread.
NEW_ROWS = 0.5


def served(weights: Path) -> tuple[StampedNet, tuple[str, ...]]:
    """The network in a served .onnx file as a torch module that gives the same answers, and its labels, "" first.

    Raises KitError where the file is not the stamped reader's.
    """
    try:
        model = onnx.load(weights, load_external_data=False)
    except (OSError, DecodeError) as error:
        raise KitError(f"The weights {weights.name} cannot be read: reinstall marktrace.") from error
    alphabet = {p.key: p.value for p in model.metadata_props}.get("alphabet")
    _widen(model)
    producers = {output: node for node in model.graph.node for output in node.output}
    last = producers.get(LOG_PROBS)
    plus = producers.get(last.input[0]) if last is not None and last.op_type == "LogSoftmax" else None
    if not alphabet or plus is None or plus.op_type != "Add":
        raise KitError(
            f"The weights {weights.name} are not the stamped reader's: there is nothing to go on training from."
        )
    labels = ("", *alphabet.split("\n"))
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    product = next(producers[name] for name in plus.input if name in producers)
    head = next(values[name] for name in product.input if name in values)
    bias = next(values[name] for name in plus.input if name in values)
    features = next(name for name in product.input if name not in values)
    net = StampedNet(_module(model, features), head.shape[0], len(labels))
    with torch.no_grad():
        net.head.weight.copy_(torch.from_numpy(head.T.copy()))
        net.head.bias.copy_(torch.from_numpy(bias.copy()))
    return net.eval(), labels


def with_labels(net: StampedNet, known: Sequence[str], labels: Sequence[str], seed: int) -> StampedNet:
    """The network with a head for labels: rows it knew as they were, new ones from the seed."""
    rows = {label: i for i, label in enumerate(known)}
    old = net.head
    rng = torch.Generator().manual_seed(seed)
    head = nn.Linear(old.in_features, len(labels))
    with torch.no_grad():
        spread = float(old.weight.std()) * NEW_ROWS
        head.weight.copy_(torch.randn(head.weight.shape, generator=rng) * spread)
        head.bias.fill_(float(old.bias.median()))
        for row, label in enumerate(labels):
            if label in rows:
                head.weight[row] = old.weight[rows[label]]
                head.bias[row] = old.bias[rows[label]]
    net.head = head
    return net


def _widen(model: onnx.ModelProto) -> None:
    """Half-precision weights as float32, and a weight of its own for each place that shares one, in place."""
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


def _module(model: onnx.ModelProto, features: str) -> nn.Module:
    """The graph up to its features as a torch module whose every weight can learn."""
    model.graph.value_info.append(helper.make_tensor_value_info(features, onnx.TensorProto.FLOAT, None))
    graph = onnx.utils.Extractor(model).extract_model([model.graph.input[0].name], [features])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "features.onnx"
        onnx.save(graph, path)
        return trainable(convert(str(path)))
