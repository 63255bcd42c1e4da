"""Several readers' lattices of one mark as one lattice: all their looks, over all their characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vision.lattice import UNKNOWN
from vision.types import Lattice, LatticeRow


def combine(lattices: Sequence[Lattice], alphabet: Sequence[str] = ()) -> Lattice:
    """One lattice with every row of the lattices of one mark, in order, and the union of their alphabets.

    The alphabet is the one given, then what each lattice adds, in their order, so it depends only on which readers
    there are; the name is theirs joined by "+", each once. Where a reader does not know a character its rows give it
    UNKNOWN. Raises ValueError when there is nothing to combine, or a ring is to be joined with a straight mark.

    >>> combine([ppocr, tesseract]).reader                                          # doctest: +SKIP
    'ppocr+tesseract'
    """
    if not lattices:
        raise ValueError("there must be at least one lattice to combine")
    if len({lattice.circular for lattice in lattices}) > 1:
        raise ValueError("a ring's lattice cannot be combined with a straight mark's")
    if len(lattices) == 1 and alphabet in ((), lattices[0].alphabet):
        return lattices[0]
    every = tuple(dict.fromkeys([*alphabet, *(character for lattice in lattices for character in lattice.alphabet)]))
    index = {character: i for i, character in enumerate(every)}
    rows: list[LatticeRow] = []
    for lattice in lattices:
        columns = [index[character] for character in lattice.alphabet]
        for row in lattice.rows:
            log_probs = np.full((len(row.log_probs), len(every)), UNKNOWN, dtype=np.float32)
            log_probs[:, columns] = row.log_probs
            rows.append(replace(row, log_probs=log_probs, reader=row.reader or lattice.reader))
    names = dict.fromkeys(name for lattice in lattices for name in lattice.reader.split("+"))
    return Lattice("+".join(names), every, tuple(rows), lattices[0].circular)
