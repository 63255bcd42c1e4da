"""A tiny reader to train in tests, a plan for it, and a program that trains until it is killed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import onnx
import torch
from torch import nn

from vision.training.learn import train as loop
from vision.training.learn.batches import Plan
from vision.training.learn.marks import Struck
from vision.training.learn.train import QUICK, Settings
from vision.training.ppocr import store_as_half
from vision.training.stamped.net import StampedNet

LABELS = ("", "A", "B", "7", "8")
STRUCK = Struck((("AB",), ("7", "Ж")), ("A", "Ж"), ())
SETTINGS = replace(QUICK, steps=12, windows=4, every=3, warm_batches=2, warm_rounds=2, threads=1, workers=0)


class Features(nn.Module):
    """(N, 1, 48, W) to (N, W / 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 6, 3, (4, 2), 1)
        self.second = nn.Conv2d(6, 8, 3, (4, 4), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = torch.relu(self.second(torch.relu(self.first(x))))
        return seen.mean(dim=2).transpose(1, 2)


def tiny_start(path: Path) -> Path:
    """A served reader of a few hundred weights."""
    torch.manual_seed(3)
    net = StampedNet(Features(), 8, len(LABELS)).eval()
    axes = {"x": {0: "windows", 3: "width"}, "log_probs": {0: "windows", 1: "steps"}}
    torch.onnx.export(net, (torch.zeros(1, 1, 48, 320),), str(path), input_names=["x"], output_names=["log_probs"],
                      dynamic_axes=axes, opset_version=17, dynamo=False)  # fmt: skip
    model = onnx.load(path)
    store_as_half(model)
    model.metadata_props.add(key="alphabet", value="\n".join(LABELS[1:]))
    onnx.save(model, path)
    return path


def tiny_plan(settings: Settings = SETTINGS) -> Plan:
    """Renders of two marks."""
    return Plan(STRUCK, (*LABELS, "Ж"), settings.windows, settings.seed)


def main() -> None:
    """Train in the folder given, for so many steps, and print the weights' hash; each report is a line on stderr."""
    folder, settings = Path(sys.argv[1]), replace(SETTINGS, steps=int(sys.argv[2]))
    loop.HELD_OUT_STRIPS = 1

    def tell(progress: loop.Progress) -> None:
        sys.stderr.write(f"step {progress.step}\n")
        sys.stderr.flush()

    net, _, _ = loop.train(folder / "start.onnx", tiny_plan(), settings, folder / "run", tell)
    sys.stdout.write(loop.weights_hash(net))


if __name__ == "__main__":
    main()
