"""Write what torch says of a few held-out windows with the served weights: the parity test then needs no torch.

python -m vision.training.stamped.seen models/weights/stamped.onnx tests/read/stamped_seen.npz
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from vision.training.learn.start import served
from vision.training.stamped.examples import Example, examples
from vision.training.stamped.loss import batch_of
from vision.training.stamped.train import HELD_OUT

SEEN_STRIPS = 3


def some_windows(names: Sequence[str]) -> list[Example]:
    """Windows of the first held-out strips."""
    return list(chain.from_iterable(examples(HELD_OUT + s, names) for s in range(SEEN_STRIPS)))


def main() -> None:
    """Write gray (n, 48, width) and probabilities (n, steps, labels)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    net, names = served(arguments.weights)
    some = some_windows(names)
    with torch.no_grad():
        probabilities = net(batch_of(some).gray).exp().numpy()
    gray = np.stack([e.gray for e in some])
    np.savez_compressed(arguments.output, gray=gray, probabilities=probabilities.astype(np.float16))


if __name__ == "__main__":
    main()
