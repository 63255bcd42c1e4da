"""What was learnt beside what was known, in one file: near a letter that is new the trained network speaks, everywhere
else the one that was in use, unchanged.

Fine-tuning on renders moves features that photos of known marks need, and no render tells how much
(docs/decisions/training-without-forgetting.md). So the old network stays whole. The trained one says where new labels
stand; within REACH steps of such a place its word counts, the more the surer it is that one stands there, and, where
the old one is listened to, the less the surer that one is of a letter it knows: a gate between two experts (Jacobs et
al., Adaptive mixtures of local experts, 1991) that has no weight of its own.
"""

from __future__ import annotations

from typing import Any

import onnx
from onnx import ModelProto, NodeProto, TensorProto, compose, helper
from torch import Tensor
from torch.nn import functional

from vision.training.learn.start import LEARNT, LOG_PROBS

KNOWN = "known."
# Steps (of 8 columns) to both sides of a new letter's on which the old network would tell it as known ones.
REACH = 2
# A new letter of this probability gives the trained network all of the say. (On renders of a new script 73% of the
# words are read with 1 here, 79 with 0.3, and 82 by the trained network alone.)
SURE = 0.3
# What no network gives is this probable, so that its logarithm is a number.
LEAST = 1e-30


def joined(known: Tensor, learnt: Tensor, doubt: float) -> Tensor:
    """(N, steps, labels) log-probabilities of the labels learnt knows from those of both networks; known's labels are
    the first of learnt's.

    doubt (0..1) is how far from certain known must be of every letter within REACH steps for learnt to have all of the
    say it asks for; at 0 known isn't asked.
    """
    count = known.shape[-1]
    probabilities = learnt.exp()
    gate = (_near(probabilities[..., count:].sum(dim=-1)) / SURE).clamp(max=1.0)
    if doubt:
        settled = _near(known[..., 1:].exp().max(dim=-1).values)
        gate = gate * ((1.0 - settled) / doubt).clamp(max=1.0)
    old = functional.pad(known.exp(), (0, learnt.shape[-1] - count))
    return (old * (1.0 - gate) + probabilities * gate).clamp(min=LEAST).log()


def _near(said: Tensor) -> Tensor:
    """(N, steps) to (N, steps, 1): the most that is said within REACH steps."""
    return functional.max_pool1d(said[:, None], 2 * REACH + 1, stride=1, padding=REACH)[:, 0, :, None]


def joined_model(known: ModelProto, learnt: ModelProto, doubt: float) -> ModelProto:
    """Both readers, each in the form that serves, as one that serves (see joined), with learnt's alphabet and step."""
    count, every = (model.graph.output[0].type.tensor_type.shape.dim[2].dim_value for model in (known, learnt))
    halves = [
        compose.add_prefix(model, prefix, rename_inputs=False) for model, prefix in ((known, KNOWN), (learnt, LEARNT))
    ]
    graph = helper.make_graph(
        [node for half in halves for node in half.graph.node] + _gate(doubt > 0.0),
        "reader",
        [learnt.graph.input[0]],
        [learnt.graph.output[0]],
        [tensor for half in halves for tensor in half.graph.initializer] + _numbers(count, every, doubt),
    )
    model = helper.make_model(graph, opset_imports=learnt.opset_import, ir_version=learnt.ir_version)
    model.metadata_props.extend(learnt.metadata_props)
    onnx.checker.check_model(model)
    return model


def _numbers(count: int, every: int, doubt: float) -> list[TensorProto]:
    whole = {"from": [count], "to": [every], "axis": [2], "ends": [0, 0, 0, 0, 0, every - count]}
    whole |= {"first": [1]} if doubt else {}
    heard = [helper.make_tensor("gate.doubt", TensorProto.FLOAT, [], [doubt])] if doubt else []
    return [
        *heard,
        *(helper.make_tensor(f"gate.{name}", TensorProto.INT64, [len(v)], v) for name, v in whole.items()),
        helper.make_tensor("gate.ones", TensorProto.FLOAT, [every - count, 1], [1.0] * (every - count)),
        helper.make_tensor("gate.one", TensorProto.FLOAT, [], [1.0]),
        helper.make_tensor("gate.sure", TensorProto.FLOAT, [], [SURE]),
        helper.make_tensor("gate.least", TensorProto.FLOAT, [], [LEAST]),
    ]


def _gate(listening: bool) -> list[NodeProto]:
    """joined, operation by operation; listening to the old network or not."""
    spread = {"kernel_shape": [2 * REACH + 1], "pads": [REACH, REACH]}
    asked: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Exp", [LEARNT + LOG_PROBS], "probabilities", {}),
        ("Slice", ["gate.probabilities", "gate.from", "gate.to", "gate.axis"], "new", {}),
        ("MatMul", ["gate.new", "gate.ones"], "sum", {}),  # ReduceSum has another form in every set of operations
        ("Transpose", ["gate.sum"], "row", {"perm": [0, 2, 1]}),
        ("MaxPool", ["gate.row"], "near", spread),
        ("Transpose", ["gate.near"], "column", {"perm": [0, 2, 1]}),
        ("Div", ["gate.column", "gate.sure"], "share", {}),
        ("Min", ["gate.share", "gate.one"], "asked" if listening else "gate", {}),
        ("Exp", [KNOWN + LOG_PROBS], "known", {}),
    ]
    heard: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Slice", ["gate.known", "gate.first", "gate.from", "gate.axis"], "letters", {}),
        ("TopK", ["gate.letters", "gate.first"], "certain", {"axis": 2}),  # as ReduceMax, which has other forms too
        ("Transpose", ["gate.certain"], "certain_row", {"perm": [0, 2, 1]}),
        ("MaxPool", ["gate.certain_row"], "certain_near", spread),
        ("Transpose", ["gate.certain_near"], "settled", {"perm": [0, 2, 1]}),
        ("Sub", ["gate.one", "gate.settled"], "unsettled", {}),
        ("Div", ["gate.unsettled", "gate.doubt"], "doubted", {}),
        ("Min", ["gate.doubted", "gate.one"], "doubt_share", {}),
        ("Mul", ["gate.asked", "gate.doubt_share"], "gate", {}),
    ]
    together: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Sub", ["gate.one", "gate.gate"], "rest", {}),
        ("Pad", ["gate.known", "gate.ends"], "wide", {}),
        ("Mul", ["gate.wide", "gate.rest"], "old", {}),
        ("Mul", ["gate.probabilities", "gate.gate"], "learnt", {}),
        ("Add", ["gate.old", "gate.learnt"], "both", {}),
        ("Max", ["gate.both", "gate.least"], "some", {}),
    ]
    # TopK gives a place too, which nobody asks for.
    nodes = [
        helper.make_node(kind, takes, [f"gate.{gives}", *(["gate.place"] if kind == "TopK" else [])], **more)
        for kind, takes, gives, more in [*asked, *(heard if listening else []), *together]
    ]
    return [*nodes, helper.make_node("Log", ["gate.some"], [LOG_PROBS])]
