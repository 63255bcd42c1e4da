"""Training of the reader of stamped metal (vision/read/stamped.py): rendered strips in, weights and their card out.

python -m vision.training.stamped --help
"""
