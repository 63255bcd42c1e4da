"""The rules of the house: who may import whom, what is never called, and that the documents speak of what there is."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VISION = ROOT / "vision"
FILES = sorted(VISION.rglob("*.py"))
STAGES = ("photo", "find", "flatten", "read", "catalogue", "match", "attribute")
MAY_SEE_CATALOGUE = ("match", "attribute")
ON_TOP = ("vision.cli", "vision.archive", "vision.review")
# What the extras bring, and the one part that may import it.
EXTRAS = {
    "vision.review": {"argon2", "cryptography", "fastapi", "starlette", "uvicorn"},
    "vision.report.dossier": {"weasyprint"},
    "vision.archive": {"alembic", "imagehash", "sqlalchemy"},
    "vision.archive.exports": {"lxml", "pyarrow"},
    "vision.archive.cluster": {"ray"},
    "vision.archive.source": {"fsspec"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_the_rules_look_at_real_files() -> None:
    assert {"vision.record", "vision.cli.identify", "vision.photo"} <= {module_name(path) for path in FILES}


@pytest.mark.parametrize("stage", STAGES)
def test_stages_never_import_each_other(stage: str) -> None:
    others = {f"vision.{other}" for other in STAGES if other != stage}
    if stage in MAY_SEE_CATALOGUE:
        others.discard("vision.catalogue")
    own = [path for path in FILES if is_in(module_name(path), f"vision.{stage}")]
    assert own, f"no file is of the stage {stage}"
    broken = [(module_name(path), name) for path in own for name in imports(path) for o in others if is_in(name, o)]
    assert broken == []


def test_only_the_top_imports_the_pipeline() -> None:
    allowed = (*ON_TOP, "vision.pipeline", "vision.training", "vision.__main__")
    seen = [
        module_name(path)
        for path in FILES
        if any(is_in(name, "vision.pipeline") for name in imports(path)) and module_name(path) != "vision"
    ]
    assert [name for name in seen if not any(is_in(name, top) for top in allowed)] == []


def test_nothing_imports_what_stands_on_top() -> None:
    """The command line stands on all, the review page on the archive's store."""
    for top in ON_TOP:
        over = {"vision.archive": ("vision.review", "vision.cli"), "vision.review": ("vision.cli",)}.get(top, ())
        allowed = (top, *over, "vision.__main__")
        outside = [path for path in FILES if not any(is_in(module_name(path), one) for one in allowed)]
        assert [module_name(p) for p in outside for name in imports(p) if is_in(name, top)] == []


@pytest.mark.parametrize("package", ["torch", "onnx", "safetensors", "rapidocr", "matplotlib"])
def test_training_and_peer_packages_stay_out_of_serving(package: str) -> None:
    outside = [path for path in FILES if not is_in(module_name(path), "vision.training")]
    assert [module_name(path) for path in outside if any(is_in(name, package) for name in imports(path))] == []


def test_serving_never_imports_training() -> None:
    """The verbs that train, and write or check what is trained on, are not serving."""
    verbs = tuple(f"vision.cli.{verb}" for verb in ("train", "evaluate", "calibrate", "models", "catalogue_sets",
                                                    "catalogue_add"))  # fmt: skip
    outside = [p for p in FILES if not any(is_in(module_name(p), one) for one in ("vision.training", *verbs))]
    assert [module_name(path) for path in outside if any(is_in(n, "vision.training") for n in imports(path))] == []


def test_pytesseract_is_imported_in_one_file() -> None:
    assert len([path for path in FILES if "pytesseract" in set(imports(path))]) <= 1


def test_nothing_runs_code_from_data() -> None:
    forbidden = {"eval", "exec", "compile", "yaml.load", "torch.load", "cv2.imread", "os.system", "__import__"}
    modules = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    assert [(path.name, name) for path in FILES for name, _ in calls(path) if name in forbidden] == []
    assert [path.name for path in FILES for name in imports(path) if name.partition(".")[0] in modules] == []
    for path in FILES:
        for name, call in calls(path):
            words = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert words.get("allow_pickle", "False") == "False", f"{path.name}: {name}"
            assert words.get("shell", "False") == "False", f"{path.name}: {name}"


def test_nothing_opens_a_connection() -> None:
    network = {"socket", "urllib.request", "http.client", "requests", "httpx", "ftplib", "smtplib", "webbrowser"}
    assert [(path.name, name) for path in FILES for name in imports(path) if name in network] == []


def test_only_the_command_line_prints() -> None:
    outside = [path for path in FILES if not is_in(module_name(path), "vision.cli")]
    assert [path.name for path in outside for name, _ in calls(path) if name == "print"] == []


def test_every_module_and_public_name_says_what_it_is() -> None:
    silent = []
    for path in FILES:
        tree = ast.parse(path.read_text("utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append(path.name)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) else [f"{path.name}: {node.name}"]
    assert silent == []


def test_importing_vision_loads_nothing_heavy() -> None:
    probe = (
        "import sys, vision; print([m for m in ('numpy', 'cv2', 'onnxruntime', 'PIL', 'typer') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_there() -> None:
    import vision

    for name in vision.__all__:
        assert getattr(vision, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = vision.Nothing


def test_doctor_looks_for_the_libraries_that_are_required() -> None:
    from vision.cli.doctor import EXTRAS, NEEDED, OPTIONAL

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    assert required == set(NEEDED)
    optional = {re.split(r"[<>=\[]", line)[0] for line in project["optional-dependencies"]["tesseract"]}
    assert optional == set(OPTIONAL)
    extras = {
        extra: tuple(re.split(r"[<>=\[]", line)[0] for line in lines)
        for extra, lines in project["optional-dependencies"].items()
        if extra not in ("tesseract", "begin", "peers", "dev")  # it is looked for by itself, the rest is maintainers'
    }
    assert extras == EXTRAS


def test_every_dependency_has_its_exact_version_in_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = {
        line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line
    }
    assert {re.split(r"[<>=\[]", line)[0] for line in lines} - pinned == set()


def test_serving_imports_only_what_is_required() -> None:
    """Third-party imports outside training are the required libraries, so a plain install can identify a photo."""
    from vision.cli.doctor import NEEDED, OPTIONAL

    known = set(NEEDED.values()) | set(OPTIONAL.values()) | {"vision", ""} | set(sys.stdlib_module_names)
    outside = [path for path in FILES if not is_in(module_name(path), "vision.training")]
    strange = {(module_name(p), n) for p in outside for n in imports(p) if n.partition(".")[0] not in known}
    allowed = {(m, n) for m, n in strange for part, own in EXTRAS.items() if is_in(m, part) and n.split(".")[0] in own}
    assert strange - allowed == set()


def test_the_manifest_lists_the_models_as_they_are() -> None:
    from vision.manifest import models_folder, verify_manifest

    assert len(verify_manifest(models_folder())) == 64
    assert json.loads((ROOT / "models/manifest.json").read_text("utf-8"))["files"]


DOCS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


def test_the_documents_name_every_command() -> None:
    from vision.cli import app

    text = "\n".join(path.read_text("utf-8") for path in DOCS)
    names = [command.name for command in app.registered_commands] + [group.name for group in app.registered_groups]
    assert len(names) >= 3
    assert [name for name in names if f"marktrace {name}" not in text] == []


def test_the_documents_name_every_option_of_identify() -> None:
    import typer.main

    from vision.cli import app

    command = typer.main.get_command(app).commands["identify"]
    text = (ROOT / "docs/investigator.md").read_text("utf-8")
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert "--json" in options
    assert [option for option in options if option != "--help" and f"`{option}" not in text] == []


def test_every_command_has_help() -> None:
    import typer.main

    from vision.cli import app

    def walk(command: object, path: str) -> Iterator[tuple[str, str]]:
        yield path, getattr(command, "help", "") or ""
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, f"{path} {name}")

    assert [path for path, text in walk(typer.main.get_command(app), "marktrace") if len(text) < 20] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in DOCS:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")) and not (path.parent / target).exists():
                broken.append((path.name, target))
    assert broken == []


def test_the_installed_version_is_that_of_the_package() -> None:
    import vision

    try:
        installed = version("marktrace")
    except PackageNotFoundError:
        pytest.skip("marktrace is not installed here, only its source tree")
    assert installed == vision.__version__
