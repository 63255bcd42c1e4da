"""A trained network as the file that serves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn


def write_onnx(net: nn.Module, like: Tensor, path: Path, takes: str, gives: Sequence[str]) -> None:
    """Write net to path as ONNX, with its input and outputs named; like is an input, of which the first dimension, as
    of every output, may be any number."""
    torch.onnx.export(
        net.eval(),
        (like,),
        str(path),
        input_names=[takes],
        output_names=list(gives),
        dynamic_axes={name: {0: "count"} for name in (takes, *gives)},
        opset_version=17,
        dynamo=False,  # the other exporter needs a package more
    )
