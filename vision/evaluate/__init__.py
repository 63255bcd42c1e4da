"""How well records agree with labels: figures per stratum with their doubt, what is taken for what, two
models compared.

from vision.evaluate import score_all, compare
scores = score_all(labels, records)          # one Score a labelled photo
compare(scores, other_scores)                # one Comparison a stratum, "worse" where it is
"""

from vision.evaluate.compare import Comparison, compare
from vision.evaluate.kept import taken_up
from vision.evaluate.labels import LabelledPhoto, read_labels, read_records
from vision.evaluate.score import Score, score_all
from vision.evaluate.summary import Summary, summaries

__all__ = ["Comparison", "LabelledPhoto", "Score", "Summary", "compare", "read_labels", "read_records", "score_all",
           "summaries", "taken_up"]  # fmt: skip
