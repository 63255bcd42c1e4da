"""marktrace: from a photo of a stamped mark to candidate origins, for a person to confirm.

    from vision import Pipeline

    for result in Pipeline.load().identify(["find.jpg"]):
        print(result.candidates, result.to_json())

The names below are loaded when they are first used, so that `import vision` stays quick and loads no model.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vision.errors import MarktraceError
    from vision.pipeline import Pipeline
    from vision.types import Attribution, Candidate, Context, Mark, Reading, Result

# Official builds of ONNX Runtime report to their makers unless this is set before they are loaded; marktrace reports to
# nobody, so no user's setting may turn it on.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
__all__ = [
    "Attribution",
    "Candidate",
    "Context",
    "Mark",
    "MarktraceError",
    "Pipeline",
    "Reading",
    "Result",
    "__version__",
]

_HOMES = {"Pipeline": "vision.pipeline", "MarktraceError": "vision.errors"}


def __getattr__(name: str) -> Any:
    """The public names, from their modules, on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'vision' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "vision.types")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
