"""A trained model as one folder: everything that can change an answer, verified before any of it is loaded.

models/NAME/package.json    name, versions, what it was trained on and from, figures
            card.md         the same for people
            curve.csv       the training's curve
            labels.json     what the reader can say
            weights/        networks to serve (.onnx) and to go on training (.safetensors)
            markings/       the tables that serve: the base's with the set's marks
            calibration.json
            manifest.json   the sha256 of every file
"""

from vision.training.package.verify import Package, verify_package

__all__ = ["Package", "verify_package"]
