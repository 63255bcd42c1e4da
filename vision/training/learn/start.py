"""The network to go on training from, taken out of the very file that serves, and put back into one like it.

The served ONNX holds its weights in half precision and shares what is equal; both are undone, then the graph becomes a
torch module, and its last layer a head with a row for each label, those it knew as they were. What was learnt is
written into the same graph: nothing is traced or converted, so it serves as its start does. Of a reader that stands
beside the one it learnt from (beside.py) the part that learnt goes on.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import nn

from vision.errors import KitError
from vision.training.learn.graph import Graph, put_weights, widened
from vision.training.ppocr import store_as_half
from vision.training.stamped.net import StampedNet

LOG_PROBS = "log_probs"
# What the names of the part that learnt begin with in a file that holds both.
LEARNT = "learnt."
# Rows of labels the network does not know start this share of the others' spread from their mean. What all rows have in
# common says nothing (a softmax forgets it) but may be hundreds of nats: rows without it would shout down all others.
NEW_ROWS = 0.02


@dataclass(frozen=True, slots=True)
class Served:
    """A served reader taken apart: its graph, the value its head works on, the names of the head's weights, and its
    labels, "" first."""

    model: onnx.ModelProto
    features: str
    head: str
    bias: str
    labels: tuple[str, ...]


def served(weights: Path) -> tuple[StampedNet, tuple[str, ...]]:
    """The network in a served .onnx file as a torch module that gives the same answers, and its labels, "" first.

    Raises KitError where the file is not the stamped reader's.
    """
    found = apart(weights)
    values = {t.name: numpy_helper.to_array(t) for t in found.model.graph.initializer}
    head = values[found.head]
    net = StampedNet(Graph(found.model, found.features), head.shape[0], len(found.labels))
    with torch.no_grad():
        net.head.weight.copy_(torch.from_numpy(head.T.copy()))
        net.head.bias.copy_(torch.from_numpy(values[found.bias].copy()))
    return net.eval(), found.labels


def served_model(start: Path, net: StampedNet, labels: Sequence[str], step: int) -> onnx.ModelProto:
    """The file to serve: the graph in start with the weights of a network that was taken out of it."""
    found = apart(start)
    features = net.features
    if not isinstance(features, Graph):
        raise TypeError("only a network that was taken out of a served file can be put back into one")
    weights = features.weights()
    weights[found.head] = net.head.weight.detach().numpy().T
    weights[found.bias] = net.head.bias.detach().numpy()
    return served_form(found.model, weights, labels, step)


def served_form(
    model: onnx.ModelProto, weights: Mapping[str, np.ndarray], labels: Sequence[str], step: int
) -> onnx.ModelProto:
    """A model that was taken apart with other weights (in place), put together to serve: half precision, labels and
    step in its metadata."""
    put_weights(model, weights)
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(labels)
    del model.graph.value_info[:], model.metadata_props[:]
    store_as_half(model)
    model.metadata_props.add(key="alphabet", value="\n".join(labels[1:]))
    model.metadata_props.add(key="step", value=str(step))
    onnx.checker.check_model(model)
    return model


def with_labels(net: StampedNet, known: Sequence[str], labels: Sequence[str], seed: int) -> StampedNet:
    """The network with a head for labels: rows it knew as they were, new ones from the seed."""
    rows = {label: i for i, label in enumerate(known)}
    old = net.head
    rng = torch.Generator().manual_seed(seed)
    head = nn.Linear(old.in_features, len(labels))
    with torch.no_grad():
        spread = float(old.weight.std()) * NEW_ROWS
        head.weight.copy_(old.weight[1:].mean(dim=0) + torch.randn(head.weight.shape, generator=rng) * spread)
        head.bias.fill_(float(old.bias.median()))
        for row, label in enumerate(labels):
            if label in rows:
                head.weight[row] = old.weight[rows[label]]
                head.bias[row] = old.bias[rows[label]]
    net.head = head
    return net


def apart(weights: Path) -> Served:
    """A served reader taken apart. Raises KitError where the file is not the stamped reader's."""
    try:
        model = onnx.load(weights, load_external_data=False)
    except (OSError, DecodeError) as error:
        raise KitError(f"The weights {weights.name} cannot be read: reinstall marktrace.") from error
    alphabet = {p.key: p.value for p in model.metadata_props}.get("alphabet")
    _learnt_only(model)
    widened(model)
    producers = {output: node for node in model.graph.node for output in node.output}
    weight_names = {t.name for t in model.graph.initializer}
    last = producers.get(LOG_PROBS)
    plus = producers.get(last.input[0]) if last is not None and last.op_type == "LogSoftmax" else None
    product = next((producers[name] for name in plus.input if name in producers), None) if plus is not None else None
    if not alphabet or plus is None or plus.op_type != "Add" or product is None or product.op_type != "MatMul":
        raise KitError(
            f"The weights {weights.name} are not the stamped reader's: there is nothing to go on training from."
        )
    head = next(name for name in product.input if name in weight_names)
    bias = next(name for name in plus.input if name in weight_names)
    features = next(name for name in product.input if name not in weight_names)
    return Served(model, features, head, bias, ("", *alphabet.split("\n")))


def _learnt_only(model: onnx.ModelProto) -> None:
    """Of a file that holds two readers, one beside the other, leave the one that learnt, in place."""
    graph = model.graph
    if not any(LEARNT + LOG_PROBS in node.output for node in graph.node):
        return
    nodes = [node for node in graph.node if all(name.startswith(LEARNT) for name in node.output)]
    tensors = [tensor for tensor in graph.initializer if tensor.name.startswith(LEARNT)]
    for node in nodes:
        for names in (node.input, node.output):
            names[:] = [name.removeprefix(LEARNT) for name in names]
    for tensor in tensors:
        tensor.name = tensor.name.removeprefix(LEARNT)
    kept_nodes, kept_tensors = copy.deepcopy(nodes), copy.deepcopy(tensors)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept_nodes)
    graph.initializer.extend(kept_tensors)
