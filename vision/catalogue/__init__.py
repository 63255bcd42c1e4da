"""Marking sets: load, check and look up; decode years and calibres; what speaks against a candidate."""

from vision.catalogue.load import check_markings, load_marking_set
from vision.catalogue.schema import Calibre, Fault, MarkingSet, Pattern

__all__ = ["Calibre", "Fault", "MarkingSet", "Pattern", "check_markings", "load_marking_set"]
