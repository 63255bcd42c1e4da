"""Write the trained network for serving, with the symbols' names and directions in it.

    python -m vision.training.symbols.export runs/symbols runs/bank models/weights/symbols.onnx \
        --seen tests/match/symbols_seen.npz

A symbol's direction is the middle of its pictures' directions and the learnt one. Thresholds are what 95% of pictures
reach: of known symbols, pictures held out of training (the first half of them; the other half is for measuring), the
cosine with the symbol less how much the picture looks like none; of taught ones, invented symbols never seen, each
taught by one clean drawing, the cosine. --seen writes what the torch network says of a few pictures: the test that
serving says the same needs no torch.
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.training.export import write_onnx
from vision.training.ppocr import store_as_half
from vision.training.symbols.checkpoint import load_average
from vision.training.symbols.drawing import load_symbols
from vision.training.symbols.examples import MEMBERS, Edges, drawing_as_seen, edges_of, load_edges
from vision.training.symbols.invented import invented
from vision.training.symbols.loss import Directions
from vision.training.symbols.measure import vectors
from vision.training.symbols.net import DIRECTIONS, SIDE, SymbolNet
from vision.training.symbols.net import Edges as EdgesOf
from vision.training.symbols.train import average_net, kept_symbols

ACCEPTED = 0.95
SEEN = 24
# Of each picture as it stands, and turned by half.
OUTPUTS = ("vectors", "odds", "none", "vectors_turned", "odds_turned", "none_turned")
# Half precision moves directions and log-odds by less.
MOST_AWAY = 0.02
_OF_PICTURES = 120  # pictures that say where a symbol's direction is, beside the learnt one
Floats = npt.NDArray[np.float32]


class Served(nn.Module):
    """The network as it is served: pictures (N, SIDE, SIDE, 3) uint8 in; of each as it stands, vectors (N, D), log-odds
    (N,) and how much it looks like none of the marking set's symbols (N,), then the same of each turned by half. Edges,
    which cost most, are taken once: turned by half they are the same, only elsewhere."""

    def __init__(self, net: SymbolNet, directions: Directions) -> None:
        super().__init__()
        self.edges = EdgesOf()
        self.net = net
        self.directions = directions

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        edges = self.edges(pictures.permute(0, 3, 1, 2).float())
        upright, odds = self.net(edges)
        turned, turned_odds = self.net(edges.flip(2, 3))
        none, turned_none = self.directions.none(upright), self.directions.none(turned)
        return upright, odds, none, turned, turned_odds, turned_none


def symbol_directions(net: SymbolNet, learnt: Tensor, edges: Edges, kept: list[int]) -> Tensor:
    """The direction (S, D) of each kept symbol."""
    middles = torch.stack([vectors(net, edges.learnt[i, :_OF_PICTURES]).mean(dim=0) for i in kept])
    return functional.normalize(functional.normalize(middles, dim=1) + functional.normalize(learnt, dim=1), dim=1)


def least_known(net: SymbolNet, middles: Tensor, directions: Directions, edges: Edges, kept: list[int]) -> float:
    """What ACCEPTED of the held-out pictures of known symbols reach: the cosine with the direction most like them, less
    how much they look like none."""
    half, best = edges.checked.shape[1] // 2, []
    with torch.no_grad():
        for i in kept:
            seen = vectors(net, edges.checked[i, :half])
            best.append((seen @ middles.T).amax(dim=1) - directions.none(seen))
    return float(torch.cat(best).quantile(1 - ACCEPTED))


def average_directions(run: Path, symbols: int) -> Directions:
    """The directions of a run that learnt so many symbols: the running average at the last checkpoint."""
    weights, directions = load_average(run), Directions(symbols, DIRECTIONS)
    own = {k.removeprefix("directions."): v for k, v in weights.items() if k.startswith("directions.")}
    directions.load_state_dict(own)
    return directions.eval()


def least_taught(net: SymbolNet, edges: Edges) -> float:
    """The cosine that ACCEPTED of the pictures of symbols never seen reach with the direction of one clean drawing."""
    own = []
    for index, pictures in enumerate(edges.unseen):
        drawing = drawing_as_seen(invented(index // MEMBERS, index % MEMBERS, unseen=True))
        own.append(vectors(net, pictures) @ vectors(net, edges_of(drawing[None]))[0])
    return float(torch.cat(own).quantile(1 - ACCEPTED))


def exported(net: SymbolNet, directions: Directions, held: dict[str, str]) -> onnx.ModelProto:
    """The network as ONNX with what is held in its metadata."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "symbols.onnx"
        like = torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8)
        write_onnx(Served(net, directions), like, path, "pictures", OUTPUTS)
        model = onnx.load(path)
    store_as_half(model)
    for key, value in held.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    return model


def served(model: onnx.ModelProto, pictures: npt.NDArray[np.uint8]) -> list[Floats]:
    """What ONNX Runtime says of pictures, in the order of OUTPUTS."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(part, np.float32) for part in session.run(list(OUTPUTS), {"pictures": pictures})]


def main() -> None:
    """Export the average of the last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder training wrote to")
    parser.add_argument("bank", type=Path, help="the folder of pictures it was trained with")
    parser.add_argument("output", type=Path)
    parser.add_argument("--leave-out", type=int, default=0, help="as in training")
    parser.add_argument("--seen", type=Path, help="where to write what the torch network sees, for the parity test")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows, _ = load_symbols()
    kept, edges = kept_symbols(len(rows), arguments.leave_out), load_edges(arguments.bank)
    net, directions = average_net(arguments.run), average_directions(arguments.run, len(kept))
    middles = symbol_directions(net, directions.unit().detach(), edges, kept)
    held = {
        "names": "\n".join(rows[i].name for i in kept),
        "directions": base64.b64encode(middles.numpy().astype(np.float16).tobytes()).decode("ascii"),
        "least_known": f"{least_known(net, middles, directions, edges, kept):.4f}",
        "least_taught": f"{least_taught(net, edges):.4f}",
    }
    model = exported(net, directions, held)
    pictures = np.load(arguments.bank / "checked.npy", "r", allow_pickle=False)
    some = np.stack([pictures[i, 0] for i in kept[:SEEN]])
    with torch.no_grad():
        expected = [part.numpy() for part in Served(net, directions)(torch.from_numpy(some))]
    found = served(model, some)
    scales = [10.0 if "odds" in name else 1.0 for name in OUTPUTS]
    away = max(float(np.abs(a - b).max()) / scale for a, b, scale in zip(found, expected, scales, strict=True))
    if away > MOST_AWAY:
        raise SystemExit(f"The exported network differs from the trained one by {away:.3f}: not written.")
    onnx.save(model, arguments.output)
    if arguments.seen:
        kept_parts = {name: part.astype(np.float16) for name, part in zip(OUTPUTS, expected, strict=True)}
        np.savez_compressed(arguments.seen, pictures=some, **kept_parts)


if __name__ == "__main__":
    main()
