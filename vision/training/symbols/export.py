"""Write the trained network for serving, with the symbols' names and directions in it.

    python -m vision.training.symbols.export runs/symbols runs/bank models/weights/symbols.onnx \
        --seen tests/match/symbols_seen.npz

A symbol's direction is the middle of its pictures' directions and the learnt one. Thresholds are the cosines that 95%
of pictures reach: of known symbols, pictures held out of training (the first half of them; the other half is for
measuring); of taught ones, invented symbols never seen, each taught by one clean drawing. --seen writes what the torch
network says of a few pictures: the test that serving says the same needs no torch.
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

from vision.training.ppocr import store_as_half
from vision.training.symbols.checkpoint import load_average
from vision.training.symbols.drawing import load_symbols
from vision.training.symbols.examples import MEMBERS, Edges, drawing_as_seen, edges_of, load_edges
from vision.training.symbols.invented import invented
from vision.training.symbols.measure import vectors
from vision.training.symbols.net import SIDE, SymbolNet
from vision.training.symbols.net import Edges as EdgesOf
from vision.training.symbols.train import average_net, kept_symbols

ACCEPTED = 0.95
SEEN = 24
# Half precision moves directions and log-odds by less.
MOST_AWAY = 0.02
_OF_PICTURES = 120  # pictures that say where a symbol's direction is, beside the learnt one
Floats = npt.NDArray[np.float32]


class Served(nn.Module):
    """The network as it is served: pictures (N, SIDE, SIDE, 3) uint8 in; vectors (N, 2, D) and log-odds (N, 2) out, of
    each picture as it stands and turned by half. Edges, which cost most, are taken once: turned by half they are the
    same, only elsewhere."""

    def __init__(self, net: SymbolNet) -> None:
        super().__init__()
        self.edges = EdgesOf()
        self.net = net

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        edges = self.edges(pictures.permute(0, 3, 1, 2).float())
        upright, turned = self.net(edges), self.net(edges.flip(2, 3))
        return torch.stack([upright[0], turned[0]], 1), torch.stack([upright[1], turned[1]], 1)


def symbol_directions(net: SymbolNet, learnt: Tensor, edges: Edges, kept: list[int]) -> Tensor:
    """The direction (S, D) of each kept symbol."""
    middles = torch.stack([vectors(net, edges.learnt[i, :_OF_PICTURES]).mean(dim=0) for i in kept])
    return functional.normalize(functional.normalize(middles, dim=1) + functional.normalize(learnt, dim=1), dim=1)


def least_known(net: SymbolNet, directions: Tensor, edges: Edges, kept: list[int]) -> float:
    """The cosine that ACCEPTED of the held-out pictures of known symbols reach with the direction most like them."""
    half = edges.checked.shape[1] // 2
    best = [(vectors(net, edges.checked[i, :half]) @ directions.T).amax(dim=1) for i in kept]
    return float(torch.cat(best).quantile(1 - ACCEPTED))


def least_taught(net: SymbolNet, edges: Edges) -> float:
    """The cosine that ACCEPTED of the pictures of symbols never seen reach with the direction of one clean drawing."""
    own = []
    for index, pictures in enumerate(edges.unseen):
        drawing = drawing_as_seen(invented(index // MEMBERS, index % MEMBERS, unseen=True))
        own.append(vectors(net, pictures) @ vectors(net, edges_of(drawing[None]))[0])
    return float(torch.cat(own).quantile(1 - ACCEPTED))


def exported(net: SymbolNet, held: dict[str, str]) -> onnx.ModelProto:
    """The network as ONNX with what is held in its metadata."""
    axes = {"pictures": {0: "count"}, "vectors": {0: "count"}, "odds": {0: "count"}}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "symbols.onnx"
        like = torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8)
        torch.onnx.export(Served(net).eval(), (like,), str(path), input_names=["pictures"],
                          output_names=["vectors", "odds"], dynamic_axes=axes, opset_version=17,
                          dynamo=False)  # fmt: skip
        model = onnx.load(path)
    store_as_half(model)
    for key, value in held.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    return model


def served(model: onnx.ModelProto, pictures: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """What ONNX Runtime says of pictures: vectors (N, 2, D) and log-odds (N, 2)."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found, odds = session.run(["vectors", "odds"], {"pictures": pictures})
    return np.asarray(found, np.float32), np.asarray(odds, np.float32)


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
    net, learnt = average_net(arguments.run), load_average(arguments.run)["directions.weight"]
    directions = symbol_directions(net, learnt, edges, kept)
    held = {
        "names": "\n".join(rows[i].name for i in kept),
        "directions": base64.b64encode(directions.numpy().astype(np.float16).tobytes()).decode("ascii"),
        "least_known": f"{least_known(net, directions, edges, kept):.4f}",
        "least_taught": f"{least_taught(net, edges):.4f}",
    }
    model = exported(net, held)
    pictures = np.load(arguments.bank / "checked.npy", "r", allow_pickle=False)
    some = np.stack([pictures[i, 0] for i in kept[:SEEN]])
    with torch.no_grad():
        expected, odds = (part.numpy() for part in Served(net)(torch.from_numpy(some)))
    found, found_odds = served(model, some)
    away = max(float(np.abs(found - expected).max()), float(np.abs(found_odds - odds).max()) / 10)
    if away > MOST_AWAY:
        raise SystemExit(f"The exported network differs from the trained one by {away:.3f}: not written.")
    onnx.save(model, arguments.output)
    if arguments.seen:
        np.savez_compressed(arguments.seen, pictures=some, vectors=expected.astype(np.float16), odds=odds)


if __name__ == "__main__":
    main()
