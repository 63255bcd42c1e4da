"""Write the trained reader for serving.

    python -m vision.training.stamped.export RAPIDOCR_MODELS_FOLDER runs/stamped models/weights/stamped.onnx \
        --seen tests/read/stamped_seen.npz

The running average of the weights is exported, stored in half precision; --start names the reader that training went
on from, if it did. --seen also writes what the torch network says of a few held-out windows: the test that serving says
the same needs no torch.
"""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch

from vision.read.network import HEIGHT_PX
from vision.training.learn.start import served_model
from vision.training.ppocr import store_as_half
from vision.training.stamped.alphabet import labels
from vision.training.stamped.checkpoint import State, load_state
from vision.training.stamped.examples import WINDOW_PX, examples
from vision.training.stamped.loss import batch_of
from vision.training.stamped.net import StampedNet
from vision.training.stamped.train import HELD_OUT, beginning

SEEN_STRIPS = 3
# Half precision moves probabilities by less.
MOST_AWAY = 0.05


def main() -> None:
    """Export the average of the last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="the folder rapidocr/models of the installed wheel")
    parser.add_argument("run", type=Path, help="the folder training wrote to")
    parser.add_argument("output", type=Path)
    parser.add_argument("--start", type=Path, help="the served stamped.onnx that training went on from")
    parser.add_argument("--seen", type=Path, help="where to write what the torch network sees, for the parity test")
    arguments = parser.parse_args()
    names = labels()
    net = beginning(arguments.models, arguments.start, names, 0)
    average = {k: v.detach().clone() for k, v in net.named_parameters()}
    state = State(net, torch.optim.AdamW(net.parameters()), average, names)
    step = load_state(arguments.run, state)
    if not step:
        raise SystemExit(f"There is no checkpoint in {arguments.run}: train first.")
    net = state.averaged()
    model = served_model(arguments.start, net, names, step) if arguments.start else exported(net, names, step)
    some = list(chain.from_iterable(examples(HELD_OUT + s, names) for s in range(SEEN_STRIPS)))
    with torch.no_grad():
        probabilities = net(batch_of(some).gray).exp().numpy()
    away = float(np.abs(_served(model, batch_of(some).gray.numpy()) - probabilities).max())
    if away > MOST_AWAY:
        raise SystemExit(
            f"The exported network differs from the trained one by {away:.3f} in probability: not written."
        )
    onnx.save(model, arguments.output)
    if arguments.seen:
        gray = np.stack([e.gray for e in some])
        np.savez_compressed(arguments.seen, gray=gray, probabilities=probabilities.astype(np.float16))


def _served(model: onnx.ModelProto, gray: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Probabilities as ONNX Runtime gives them."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(np.exp(session.run(None, {"x": gray})[0]), np.float32)


def exported(net: StampedNet, names: tuple[str, ...], step: int) -> onnx.ModelProto:
    """The network as ONNX, with its labels and the step it was taken at in the metadata."""
    axes = {"x": {0: "windows", 3: "width"}, "log_probs": {0: "windows", 1: "steps"}}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stamped.onnx"
        like = torch.zeros(1, 1, HEIGHT_PX, WINDOW_PX)
        torch.onnx.export(net, (like,), str(path), input_names=["x"], output_names=["log_probs"], dynamic_axes=axes,
                          opset_version=17, dynamo=False)  # fmt: skip
        model = onnx.load(path)
    store_as_half(model)
    model.metadata_props.add(key="alphabet", value="\n".join(names[1:]))
    model.metadata_props.add(key="step", value=str(step))
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    main()
