"""What was learnt beside what was known, in one file: near a letter that is new the trained network speaks, everywhere
else the one that was in use, unchanged.

Fine-tuning on renders moves features that photos of known marks need, and no render tells how much
(docs/decisions/training-without-forgetting.md). So the old network stays whole. The trained one says where new labels
stand; within REACH steps of such a place its word counts, the more the surer it is that one stands there: a gate
between two experts (Jacobs et al., Adaptive mixtures of local experts, 1991) that has no weight of its own. Letters of
a script stand together: one new letter with no other near it is likelier a known one, and may be held back for that.
"""

from __future__ import annotations

import math
from typing import Any

import onnx
import torch
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
# Steps from a new letter, to either side, at which another keeps it company: the neighbours in its word.
COMPANY_FROM, COMPANY_TO = 3, 12
# What no network gives is this probable, so that its logarithm is a number.
LEAST = 1e-30


def joined(known: Tensor, learnt: Tensor, alone: float) -> Tensor:
    """(N, steps, labels) log-probabilities of the labels learnt knows from those of both networks; known's labels are
    the first of learnt's.

    alone is by how many nats a new letter is held back where no other stands near, before it asks for the say.
    """
    count = known.shape[-1]
    probabilities = learnt.exp()
    new = probabilities[..., count:].sum(dim=-1)
    if alone:
        company = (_beside(new) / SURE).clamp(max=1.0)
        share = math.exp(-alone)
        # What is left of a probability that is held back so, all others raised to add up to one.
        lone = new * share / (1.0 - new * (1.0 - share)).clamp(min=share)
        new = company * new + (1.0 - company) * lone
    gate = (functional.max_pool1d(new[:, None], 2 * REACH + 1, stride=1, padding=REACH) / SURE).clamp(max=1.0)
    gate = gate.transpose(1, 2)
    old = functional.pad(known.exp(), (0, learnt.shape[-1] - count))
    return (old * (1.0 - gate) + probabilities * gate).clamp(min=LEAST).log()


def _beside(new: Tensor) -> Tensor:
    """(N, steps): the most of new from COMPANY_FROM to COMPANY_TO steps to either side of each."""
    wide = functional.pad(new, (COMPANY_TO, COMPANY_TO))[:, None]
    most = functional.max_pool1d(wide, COMPANY_TO - COMPANY_FROM + 1, stride=1)[:, 0]
    apart = COMPANY_FROM + COMPANY_TO
    return torch.maximum(most[:, :-apart], most[:, apart:])


def joined_model(known: ModelProto, learnt: ModelProto, alone: float) -> ModelProto:
    """Both readers, each in the form that serves, as one that serves (see joined), with learnt's alphabet and step."""
    count, every = (model.graph.output[0].type.tensor_type.shape.dim[2].dim_value for model in (known, learnt))
    halves = [
        compose.add_prefix(model, prefix, rename_inputs=False) for model, prefix in ((known, KNOWN), (learnt, LEARNT))
    ]
    graph = helper.make_graph(
        [node for half in halves for node in half.graph.node] + _gate(alone > 0.0),
        "reader",
        [learnt.graph.input[0]],
        [learnt.graph.output[0]],
        [tensor for half in halves for tensor in half.graph.initializer] + _numbers(count, every, alone),
    )
    model = helper.make_model(graph, opset_imports=learnt.opset_import, ir_version=learnt.ir_version)
    model.metadata_props.extend(learnt.metadata_props)
    onnx.checker.check_model(model)
    return model


def _numbers(count: int, every: int, alone: float) -> list[TensorProto]:
    apart = COMPANY_FROM + COMPANY_TO
    whole = {"from": [count], "to": [every], "axis": [2], "ends": [0, 0, 0, 0, 0, every - count]}
    single = {"one": 1.0, "sure": SURE, "least": LEAST}
    if alone:
        share = math.exp(-alone)
        whole |= {"around": [0, 0, COMPANY_TO, 0, 0, COMPANY_TO], "first": [0], "last": [-apart], "apart": [apart],
                  "end": [1 << 40]}  # fmt: skip
        single |= {"share": share, "lost": 1.0 - share}
    return [
        *(helper.make_tensor(f"gate.{name}", TensorProto.INT64, [len(v)], v) for name, v in whole.items()),
        *(helper.make_tensor(f"gate.{name}", TensorProto.FLOAT, [], [v]) for name, v in single.items()),
        helper.make_tensor("gate.ones", TensorProto.FLOAT, [every - count, 1], [1.0] * (every - count)),
    ]


def _gate(alone: bool) -> list[NodeProto]:
    """joined, operation by operation; with or without a new letter's being held back where it stands alone."""
    spread = {"kernel_shape": [2 * REACH + 1], "pads": [REACH, REACH]}
    company = {"kernel_shape": [COMPANY_TO - COMPANY_FROM + 1]}
    asked: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Exp", [LEARNT + LOG_PROBS], "probabilities", {}),
        ("Slice", ["gate.probabilities", "gate.from", "gate.to", "gate.axis"], "labels", {}),
        ("MatMul", ["gate.labels", "gate.ones"], "sum", {}),  # ReduceSum has another form in every set of operations
        ("Transpose", ["gate.sum"], "new", {"perm": [0, 2, 1]}),
    ]
    held: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Pad", ["gate.new", "gate.around"], "padded", {}),
        ("MaxPool", ["gate.padded"], "most", company),
        ("Slice", ["gate.most", "gate.first", "gate.last", "gate.axis"], "before", {}),
        ("Slice", ["gate.most", "gate.apart", "gate.end", "gate.axis"], "after", {}),
        ("Max", ["gate.before", "gate.after"], "beside", {}),
        ("Div", ["gate.beside", "gate.sure"], "beside_share", {}),
        ("Min", ["gate.beside_share", "gate.one"], "company", {}),
        ("Mul", ["gate.new", "gate.lost"], "given_up", {}),
        ("Sub", ["gate.one", "gate.given_up"], "left", {}),
        ("Max", ["gate.left", "gate.share"], "whole", {}),
        ("Mul", ["gate.new", "gate.share"], "quiet", {}),
        ("Div", ["gate.quiet", "gate.whole"], "lone", {}),
        ("Mul", ["gate.company", "gate.new"], "backed", {}),
        ("Sub", ["gate.one", "gate.company"], "loneliness", {}),
        ("Mul", ["gate.loneliness", "gate.lone"], "unbacked", {}),
        ("Add", ["gate.backed", "gate.unbacked"], "asking", {}),
    ]
    together: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("MaxPool", ["gate.asking" if alone else "gate.new"], "near", spread),
        ("Transpose", ["gate.near"], "column", {"perm": [0, 2, 1]}),
        ("Div", ["gate.column", "gate.sure"], "unbound", {}),
        ("Min", ["gate.unbound", "gate.one"], "gate", {}),
        ("Exp", [KNOWN + LOG_PROBS], "known", {}),
        ("Sub", ["gate.one", "gate.gate"], "rest", {}),
        ("Pad", ["gate.known", "gate.ends"], "wide", {}),
        ("Mul", ["gate.wide", "gate.rest"], "old", {}),
        ("Mul", ["gate.probabilities", "gate.gate"], "learnt", {}),
        ("Add", ["gate.old", "gate.learnt"], "both", {}),
        ("Max", ["gate.both", "gate.least"], "some", {}),
    ]
    nodes = [
        helper.make_node(kind, takes, [f"gate.{gives}"], **more)
        for kind, takes, gives, more in [*asked, *(held if alone else []), *together]
    ]
    return [*nodes, helper.make_node("Log", ["gate.some"], [LOG_PROBS])]
