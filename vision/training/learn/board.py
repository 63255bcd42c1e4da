"""The curve for TensorBoard, for those who have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from vision.training.learn.train import Progress


def board(folder: Path) -> Callable[[Progress], None]:
    """What writes a measurement into a TensorBoard folder."""
    writer = SummaryWriter(str(folder))

    def write(progress: Progress) -> None:
        if progress.loss is not None:
            writer.add_scalar("loss", progress.loss, progress.step)
        if progress.set_wrong is not None and progress.known_wrong is not None:
            writer.add_scalar("characters misread/set", progress.set_wrong, progress.step)
            writer.add_scalar("characters misread/known", progress.known_wrong, progress.step)
        writer.flush()

    return write
