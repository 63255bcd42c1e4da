"""From a trained network to a package: export, figures, card, and the verdict whether it may replace what was there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from vision import __version__
from vision.catalogue.load import load_marking_set
from vision.errors import KitError
from vision.manifest import verify_manifest
from vision.training.learn.batches import HELD_OUT, Plan, held_out, known_only
from vision.training.learn.beside import joined, joined_model
from vision.training.learn.mix import MOST_LOST, NEARLY, Mixed, said_by
from vision.training.learn.start import served_model
from vision.training.learn.symbols import teach
from vision.training.learn.train import CURVE, Settings, weights_hash
from vision.training.learn.words import words_read
from vision.training.package.tensors import write_tensors
from vision.training.package.verdict import RENDERED, photos_line, written_verdict
from vision.training.package.verify import CARD, LABELS, READER, SCHEMA, START
from vision.training.package.write import begin_package, finish_package
from vision.training.sets.change import Conflict, merge_table, merged
from vision.training.sets.schema import TrainingSet
from vision.training.stamped.loss import batch_of
from vision.training.stamped.measure import character_errors

# The exported network may differ from the trained one by this much in probability (half precision).
MOST_AWAY = 0.05
WORD_STRIPS, KNOWN_STRIPS = 40, 200
# Known marks misread more than this much oftener than before: the model has forgotten.
FORGOTTEN = 0.01
GUARD = "known marks, rendered"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on renders never trained on, before and after: shares of the set's words read exactly, and of
    known marks' characters misread."""

    words_before: float
    words_after: float
    words: int
    known_wrong_before: float
    known_wrong_after: float

    @property
    def forgotten(self) -> bool:
        """Whether what was known before is read worse."""
        return self.known_wrong_after > self.known_wrong_before + FORGOTTEN


def figures(before: Path, after: Path, plan: Plan, known: Sequence[str]) -> Figures:
    """Both readers, as they serve, measured on the same renders."""
    own = known_only(held_out(plan, KNOWN_STRIPS, known=True), len(known))
    wrong_before, wrong_after = (character_errors(said_by(onnx.load(path)), own) for path in (before, after))
    (right_before, words), (right_after, _) = (words_read(p, plan.struck, WORD_STRIPS) for p in (before, after))
    return Figures(right_before / max(1, words), right_after / max(1, words), words, wrong_before, wrong_after)


def export_reader(start: Path, mixed: Mixed, step: int, plan: Plan, path: Path) -> None:
    """Write the reader that was trained from start for serving, beside start's where it is to stand there. Raises
    KitError where what is written says something else than what was trained."""
    model = served_model(start, mixed.net, plan.labels, step)
    gray = batch_of(held_out(plan, 2, known=False)).gray
    with torch.no_grad():
        said = mixed.net(gray)
    if mixed.beside:
        old = onnx.load(start)
        alone = mixed.chosen.alone
        said, model = joined(said_by(old)(gray), said, alone), joined_model(old, model, alone)
    away = float((said_by(model)(gray).exp() - said.exp()).abs().max())
    if away > MOST_AWAY:
        raise KitError(f"The exported network differs from the trained one by {away:.3f} in probability: not packaged.")
    onnx.save(model, path)


def package(
    base: Path, out: Path, run: Path, mixed: Mixed, step: int, plan: Plan, settings: Settings, found: TrainingSet,
    known: Sequence[str], command: str,
) -> tuple[Path, Figures, list[Conflict]]:  # fmt: skip
    """Write the package; its folder, its figures, and what the set and the base say differently."""
    making = begin_package(base, out)
    reader = making / READER
    export_reader(base / READER, mixed, step, plan, reader)
    # In half precision, as it serves: to go on training from either file is the same.
    weights = {name: p.detach().numpy().astype(np.float16) for name, p in mixed.net.named_parameters()}
    write_tensors(making / START, weights, {"labels": json.dumps(list(plan.labels), ensure_ascii=False)})
    (making / LABELS).write_text(json.dumps(list(plan.labels), ensure_ascii=False, indent=0) + "\n", "utf-8")
    shutil.copyfile(run / CURVE, making / CURVE)
    ours = load_marking_set(base / "markings")
    rows, conflicts = merged(ours.patterns, found.patterns, found.name)
    table = making / "markings" / "headstamps.csv"
    table.write_text(merge_table(table.read_bytes(), found.patterns, rows), "utf-8", newline="\n")
    load_marking_set(making / "markings")
    taught = teach(found, making)
    measured = figures(base / READER, reader, plan, known)
    facts = _facts(base, out, mixed, plan, settings, found, measured, conflicts, command)
    facts |= {
        "taught": list(taught),
        "not_trained": [name for name in facts["not_trained"] if name not in found.symbols],
    }
    (making / CARD).write_text(card(facts, plan, run), "utf-8")
    (making / "weights" / "stamped.md").write_text(_short_card(facts), "utf-8")
    return finish_package(making, out, facts), measured, conflicts


def _facts(
    base: Path, out: Path, mixed: Mixed, plan: Plan, settings: Settings, found: TrainingSet, measured: Figures,
    conflicts: Sequence[Conflict], command: str,
) -> dict[str, Any]:  # fmt: skip
    """What package.json says."""
    return {
        "schema": SCHEMA,
        "name": out.name,
        "marktrace": __version__,
        "licence": f"networks: Apache-2.0; marks: {found.licence}",
        "set": {"name": found.name, "version": found.version, "sha256": found.sha256, "sources": list(found.sources),
                "marks": len(found.patterns), "photos": len(found.labels)},
        "trained_from": verify_manifest(base),
        "command": command,
        "settings": asdict(settings),
        "weights_sha256": weights_hash(mixed.net),
        "mixed": {"beside": mixed.beside, "chosen": asdict(mixed.chosen), "known_wrong_before": mixed.known_before,
                  "tried": [asdict(one) for one in mixed.tried]},
        "new_labels": [label for label in plan.labels if label not in _known(base)],
        "not_trained": list(plan.struck.left_out),
        "windows_of_photos": len(plan.real),
        "figures": asdict(measured),
        "conflicts": [str(conflict) for conflict in conflicts],
        "calibration": "the base model's, not fitted anew",
        RENDERED: written_verdict(verify_manifest(base), GUARD, [GUARD] if measured.forgotten else []),
    }  # fmt: skip


def _known(base: Path) -> set[str]:
    model = onnx.load(base / READER, load_external_data=False)
    return {"", *{p.key: p.value for p in model.metadata_props}["alphabet"].split("\n")}


def card(facts: Mapping[str, Any], plan: Plan, run: Path) -> str:
    """The card, Markdown."""
    measured, of, rendered, taken = facts["figures"], facts["set"], facts[RENDERED], facts["mixed"]["chosen"]
    lines = [
        f"# {facts['name']}: {of['name']} {of['version']}",
        "",
        "| | |",
        "|---|---|",
        f"| made by | `{facts['command']}` with marktrace {facts['marktrace']}, seed {facts['settings']['seed']} |",
        f"| from | the model of manifest `{facts['trained_from'][:16]}` |",
        f"| marking set | {of['marks']} marks, {of['photos']} labelled photos, sha256 `{of['sha256'][:16]}` |",
        f"| sources | {'; '.join(of['sources'])} |",
        f"| licence | {facts['licence']}; features from PP-OCRv6 small, Apache-2.0, Copyright PaddlePaddle Authors |",
        f"| trained on | renders, half of them of the set's marks; {facts['windows_of_photos']} windows of photos |",
        f"| steps | {facts['settings']['steps']} of {facts['settings']['windows']} windows |",
        f"| taken of what was learnt | {_taken(facts['mixed']['beside'], taken)} (see below) |",
        f"| weights | sha256 `{facts['weights_sha256']}` |",
        f"| new labels | {' '.join(facts['new_labels']) or 'none'} |",
        f"| symbols taught by their drawings | {' '.join(facts['taught']) or 'none'} |",
        f"| calibration | {facts['calibration']} |",
        "",
        "On renders never trained on, in percent:",
        "",
        "| | before | after |",
        "|---|---|---|",
        f"| the set's words read exactly ({measured['words']} struck) | {100 * measured['words_before']:.1f} | "
        f"{100 * measured['words_after']:.1f} |",
        f"| characters of known marks misread | {100 * measured['known_wrong_before']:.1f} | "
        f"{100 * measured['known_wrong_after']:.1f} |",
        "",
        f"Compared on {rendered['on']}: {rendered['verdict']}.",
        "",
        photos_line(facts),
        "",
        *_tried(facts["mixed"]),
        "",
        "## Curve",
        "",
        *_curve(run),
        "",
        "## Known failures",
        "",
        "- What is true of renders is true of photos only as far as renders are like photos: evaluate it on your own.",
        "- Probabilities of the new marks are not calibrated: read them as ranks.",
        *(f"- {name} was not trained: no installed font or drawing shows it." for name in facts["not_trained"]),
        *(f"- Two sources differ: {one}." for one in facts["conflicts"]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _taken(beside: bool, taken: Mapping[str, Any]) -> str:
    if beside:
        more = f", and by {taken['alone']:.2f} more where one stands alone" if taken["alone"] else ""
        return (
            "all, beside the reader it was trained from, which speaks everywhere but near new labels; these are held "
            f"back by {taken['held_back']:.2f} nats{more}"
        )
    return f"{100 * taken['share']:.0f}% of the way from the weights before to those after"


def _tried(mixed: Mapping[str, Any]) -> list[str]:
    return [
        "## How much of what was learnt is taken",
        "",
        "New labels made less likely by so many nats; where there are none, weights between those before and after",
        "training. Tried on strips for this choice alone, known marks on printed ones: these lose what photos lose,",
        "struck ones do not. Taken is what says new labels there most seldom of all that read the set within",
        f"{100 * NEARLY:.0f} points of the best and misread known marks at most {100 * MOST_LOST:.2f} points oftener",
        f"than before ({100 * mixed['known_wrong_before']:.1f}%).",
        "",
        "| share | held back | more alone | the set's characters misread | those of known marks | new labels there |",
        "|---|---|---|---|---|---|",
        *(f"| {one['share']:.2f} | {one['held_back']:.2f} | {one['alone']:.2f} | {100 * one['set_wrong']:.1f} | "
          f"{100 * one['known_wrong']:.1f} | {one['mistaken']} |" for one in mixed["tried"]),
    ]  # fmt: skip


def _curve(run: Path) -> list[str]:
    rows = [line.split(",") for line in (run / CURVE).read_text("utf-8").splitlines()]
    kept = [rows[0], ["---"] * len(rows[0]), *rows[1 :: max(1, len(rows) // 8)]]
    return ["| " + " | ".join(row) + " |" for row in kept]


def _short_card(facts: Mapping[str, Any]) -> str:
    return (
        f"# stamped.onnx, trained on {facts['set']['name']} {facts['set']['version']}\n\nSee card.md of the package.\n"
    )


__all__ = ["HELD_OUT", "Figures", "card", "export_reader", "figures", "package"]
