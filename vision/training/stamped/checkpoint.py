"""Checkpoints of training, as safetensors: the weights, their running average, and the optimiser's moments."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from vision.training.stamped.net import StampedNet

NAME = "checkpoint.safetensors"
_HEAD = ("head.weight", "head.bias")


@dataclass(slots=True)
class State:
    """All that training goes on from; average holds the running mean of every parameter by name."""

    net: StampedNet
    optimizer: torch.optim.Optimizer
    average: dict[str, torch.Tensor]
    labels: Sequence[str]

    @torch.no_grad()
    def follow(self, share: float) -> None:
        """Moves the running average on."""
        for name, parameter in self.net.named_parameters():
            self.average[name].lerp_(parameter.detach(), 1.0 - share)

    def averaged(self) -> StampedNet:
        """The network with the running average as its weights."""
        net = copy.deepcopy(self.net)
        with torch.no_grad():
            for name, parameter in net.named_parameters():
                parameter.copy_(self.average[name])
        return net


def save_state(folder: Path, state: State, step: int) -> None:
    """Write the checkpoint, replacing the last one only when it is complete."""
    tensors = {f"average/{k}": v for k, v in state.average.items()}
    tensors |= {f"norm/{k}": v for k, v in _norms(state.net).items()}
    for name, parameter in state.net.named_parameters():
        tensors[f"weight/{name}"] = parameter.detach()
        for moment in ("exp_avg", "exp_avg_sq", "step"):
            if moment in state.optimizer.state[parameter]:
                tensors[f"{moment}/{name}"] = state.optimizer.state[parameter][moment]
    meta = {"step": str(step), "labels": json.dumps(list(state.labels))}
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / f"{NAME}.new", meta)
    (folder / f"{NAME}.new").replace(folder / NAME)


def load_state(folder: Path, state: State) -> int:
    """Take up the checkpoint in folder; the step it was made at, 0 when there is none.

    Labels the checkpoint does not know start as they are in state; the others' rows are moved to where they are now.
    """
    if not (folder / NAME).is_file():
        return 0
    with safe_open(folder / NAME, framework="pt") as file:
        meta = file.metadata()
        kept = {label: i for i, label in enumerate(json.loads(meta["labels"]))}
        rows = [(i, kept[label]) for i, label in enumerate(state.labels) if label in kept]
        with torch.no_grad():
            for name, parameter in state.net.named_parameters():
                for target, kind in ((parameter, "weight"), (state.average[name], "average")):
                    _take(target, file.get_tensor(f"{kind}/{name}"), name, rows)
                moments = state.optimizer.state[parameter]
                for moment in ("exp_avg", "exp_avg_sq"):
                    moments[moment] = torch.zeros_like(parameter)
                    _take(moments[moment], file.get_tensor(f"{moment}/{name}"), name, rows)
                moments["step"] = file.get_tensor(f"step/{name}")
            for name, buffer in _norms(state.net).items():
                buffer.copy_(file.get_tensor(f"norm/{name}"))
    return int(meta["step"])


def _norms(net: StampedNet) -> dict[str, torch.Tensor]:
    """What the batch norms expect: not trained, but part of the network."""
    return {k: v for k, v in net.named_buffers() if k.endswith(("running_mean", "running_var"))}


def _take(target: torch.Tensor, source: torch.Tensor, name: str, rows: Sequence[tuple[int, int]]) -> None:
    if name not in _HEAD:
        target.copy_(source)
        return
    now, then = (list(index) for index in zip(*rows, strict=True))
    target[now] = source[then]
