"""Fitting what probabilities mean on renders of known and unknown marks: see python -m vision.training.calibrate."""
