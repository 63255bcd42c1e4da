"""Nodes of a graph joined to what torch works out in one go: a convolution and the offset added to it, and GELU, which
readers' graphs write as five operations. In half precision a step of training takes less than half as long.

A joined node takes and gives the same values by the same names; what lay between has no name any more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: what it is, its attributes, the names it takes ("" for one left out) and the one it gives."""

    operation: str
    attributes: Mapping[str, Any]
    takes: tuple[str, ...]
    gives: str


def fused(nodes: Sequence[Node], fixed: Mapping[str, Tensor], offsets: Mapping[str, Tensor], output: str) -> list[Node]:
    """The nodes in their order without Identity, with "Conv" and "Add" of one of offsets (1, C, 1, 1) as
    "ConvOffset", and x / sqrt(2), erf, + 1, * x, * 0.5 as "Gelu". fixed are values that stay; output keeps its name."""
    nodes = _without_identity(nodes, output)
    makers = {node.gives: node for node in nodes}
    uses = Counter(name for node in nodes for name in node.takes) + Counter([output])
    joined: dict[str, Node] = {}
    gone: set[str] = set()
    for node in nodes:
        found = _conv_offset(node, makers, offsets) or _gelu(node, makers, fixed)
        # What is left out must not be asked for by anything else.
        if found is None or any(uses[name] != times for name, times in found[1].items()):
            continue
        joined[node.gives] = found[0]
        gone.update(found[1])
    return [joined.get(node.gives, node) for node in nodes if node.gives not in gone]


def _without_identity(nodes: Sequence[Node], output: str) -> list[Node]:
    same: dict[str, str] = {}
    kept = []
    for node in nodes:
        takes = tuple(same.get(name, name) for name in node.takes)
        if node.operation == "Identity" and node.gives != output:
            same[node.gives] = takes[0]
        else:
            kept.append(Node(node.operation, node.attributes, takes, node.gives))
    return kept


# A joined node, and how often what it leaves out is asked for within it.
Joined = tuple[Node, dict[str, int]]


def _conv_offset(add: Node, makers: Mapping[str, Node], offsets: Mapping[str, Tensor]) -> Joined | None:
    conv = makers.get(add.takes[0]) if add.operation == "Add" else None
    if conv is None or conv.operation != "Conv" or len(conv.takes) != 2 or add.takes[1] not in offsets:
        return None
    shape = offsets[add.takes[1]].shape
    if len(shape) != 4 or shape[0] != 1 or tuple(shape[2:]) != (1, 1):
        return None
    return Node("ConvOffset", conv.attributes, (*conv.takes, add.takes[1]), add.gives), {conv.gives: 1}


def _gelu(half: Node, makers: Mapping[str, Node], fixed: Mapping[str, Tensor]) -> Joined | None:
    """GELU that ends in the node half: 0.5 * (x * (1 + erf(x / sqrt(2)))) (Hendrycks and Gimpel, 2016)."""
    product = _with_number(half, "Mul", 0.5, makers, fixed)
    if product is None or product.operation != "Mul":
        return None
    x, one_more = product.takes
    erf = _with_number(makers.get(one_more), "Add", 1.0, makers, fixed)
    if erf is None or erf.operation != "Erf":
        return None
    scaled = makers.get(erf.takes[0])
    if scaled is None or scaled.takes[0] != x or not _is_number(scaled, "Div", math.sqrt(2.0), fixed):
        return None
    between = dict.fromkeys((product.gives, one_more, erf.gives, scaled.gives), 1)
    return Node("Gelu", {}, (x,), half.gives), between


def _with_number(
    node: Node | None, operation: str, number: float, makers: Mapping[str, Node], fixed: Mapping[str, Tensor]
) -> Node | None:
    """The node whose value this node multiplies by, or adds to, a number; None if this is not such a node."""
    return makers.get(node.takes[0]) if node is not None and _is_number(node, operation, number, fixed) else None


def _is_number(node: Node, operation: str, number: float, fixed: Mapping[str, Tensor]) -> bool:
    value = fixed.get(node.takes[1]) if node.operation == operation else None
    return value is not None and value.numel() == 1 and abs(float(value) - number) < 1e-3 * number
