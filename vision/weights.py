"""Opening a file of weights: the only place that makes a session of ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from vision.errors import KitError

# For programs that loaded it before they loaded marktrace (see vision/__init__.py).
onnxruntime.disable_telemetry_events()

_NO_MODEL = (ort.Fail, ort.InvalidGraph, ort.InvalidProtobuf, ort.InvalidArgument)  # they share no base but Exception


def open_weights(weights: Path, threads: int) -> onnxruntime.InferenceSession:
    """The network in a .onnx file, run on the processor with so many threads.

    Raises KitError when the file is missing or holds no network.
    """
    if not weights.is_file():
        raise KitError(f"The weights {weights.name} are missing: reinstall marktrace.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        # Texts in it that are no UTF-8 are said here, and not where they are first used.
        session.get_modelmeta().custom_metadata_map  # noqa: B018
        for value in (*session.get_inputs(), *session.get_outputs()):
            value.name, value.shape  # noqa: B018
        return session
    except (*_NO_MODEL, UnicodeDecodeError) as error:
        raise KitError(f"The weights {weights.name} cannot be loaded: reinstall marktrace.") from error
