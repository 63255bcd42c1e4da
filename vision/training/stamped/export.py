"""Write the trained reader for serving.

    python -m vision.training.stamped.export runs/begin.onnx runs/stamped runs/trained.onnx

The running average of the weights is written into the graph of the reader that training began with, stored in half
precision.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from vision.training.learn.start import served_model
from vision.training.stamped.alphabet import labels
from vision.training.stamped.checkpoint import State, load_state
from vision.training.stamped.loss import batch_of
from vision.training.stamped.seen import some_windows
from vision.training.stamped.train import beginning

# Half precision moves probabilities by less.
MOST_AWAY = 0.05


def main() -> None:
    """Export the average of the last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="the reader that training began with")
    parser.add_argument("run", type=Path, help="the folder training wrote to")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    names = labels()
    net = beginning(arguments.start, names, 0)
    average = {k: v.detach().clone() for k, v in net.named_parameters()}
    state = State(net, torch.optim.AdamW(net.parameters()), average, names)
    step = load_state(arguments.run, state)
    if not step:
        raise SystemExit(f"There is no checkpoint in {arguments.run}: train first.")
    net = state.averaged()
    model = served_model(arguments.start, net, names, step)
    gray = batch_of(some_windows(names)).gray
    with torch.no_grad():
        trained = net(gray).exp().numpy()
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    away = float(np.abs(np.exp(session.run(None, {"x": gray.numpy()})[0]) - trained).max())
    if away > MOST_AWAY:
        raise SystemExit(
            f"The exported network differs from the trained one by {away:.3f} in probability: not written."
        )
    onnx.save(model, arguments.output)


if __name__ == "__main__":
    main()
