"""Make models/weights/lines.onnx from the PP-OCRv6 text detector that the rapidocr wheel carries.

    python -m vision.training.lines RAPIDOCR_MODELS_FOLDER models/weights/lines.onnx

The network is kept as it is; its weights are stored in half precision and widened when loaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx

from vision.training.ppocr import store_as_half

SOURCE = "PP-OCRv6_det_small.onnx"


def main() -> None:
    """Write the detector."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="the folder rapidocr/models of the installed wheel")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    model = onnx.load(arguments.models / SOURCE)
    del model.graph.value_info[:]
    store_as_half(model)
    onnx.checker.check_model(model)
    onnx.save(model, arguments.output)


if __name__ == "__main__":
    main()
