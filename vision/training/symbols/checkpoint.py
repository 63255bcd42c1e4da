"""Checkpoints of training, as safetensors: weights, their running average, and the optimiser's moments."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vision.errors import UsageError

NAME = "checkpoint.safetensors"


def save(folder: Path, modules: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Write the checkpoint, replacing the last one only when it is complete."""
    tensors = {f"weight/{k}": v for k, v in modules.state_dict().items()}
    tensors |= {f"average/{k}": v for k, v in average.state_dict().items()}
    for name, parameter in modules.named_parameters():
        for moment, value in optimizer.state[parameter].items():
            tensors[f"{moment}/{name}"] = value
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, folder / f"{NAME}.new", {"step": str(step)})
    (folder / f"{NAME}.new").replace(folder / NAME)


def load_average(folder: Path) -> dict[str, Tensor]:
    """The running average of a checkpoint's weights by name. Raises UsageError when there is none."""
    if not (folder / NAME).is_file():
        raise UsageError(f"There is no checkpoint in {folder}: train first.")
    with safe_open(folder / NAME, framework="pt") as file:
        names = [key for key in file.keys() if key.startswith("average/")]  # noqa: SIM118 - no mapping
        return {name.removeprefix("average/"): file.get_tensor(name) for name in names}


def load(folder: Path, modules: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> int:
    """Take up the checkpoint in folder; the step it was made at, 0 when there is none."""
    if not (folder / NAME).is_file():
        return 0
    tensors: dict[str, dict[str, Tensor]] = {}
    with safe_open(folder / NAME, framework="pt") as file:
        for key in file.keys():  # noqa: SIM118 - no mapping, only something with keys()
            kind, _, name = key.partition("/")
            tensors.setdefault(kind, {})[name] = file.get_tensor(key)
        step = int(file.metadata()["step"])
    modules.load_state_dict(tensors["weight"])
    average.load_state_dict(tensors["average"])
    if optimizer is not None:
        for name, parameter in modules.named_parameters():
            optimizer.state[parameter] = {m: tensors[m][name] for m in ("step", "exp_avg", "exp_avg_sq")}
    return step
