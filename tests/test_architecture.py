"""Who may import whom: one direction between the rooms, one door for each engine, no air for extractors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "extractors", "pipeline", "flows")
"""From the one that knows least of the others to the one that knows most."""
WORKSHOPS = {"training", "benchmarks", "tests"}
"""What is not shipped: the rooms know nothing of it."""

# The front door: the command line starts the flow, inside the function that needs it.
EXEMPT = {
    ("pipeline/commands.py", "flows.ingest"),
    ("pipeline/nightly_commands.py", "flows.ingest"),
    ("pipeline/commands.py", "flows.cluster"),
    ("pipeline/nightly_commands.py", "flows.nightly"),
}

DOORS = {
    "pymupdf": ("pipeline/pages/read_pdf.py", "pipeline/pages/pdf_pages.py", "pipeline/pages/ocr.py"),
    "pdfplumber": ("pipeline/pages/read_pdf.py", "pipeline/pages/tables.py"),
    "tesserocr": ("pipeline/pages/ocr.py",),
    "pyhanko": ("pipeline/pages/signatures.py",),
    "pyhanko_certvalidator": ("pipeline/pages/signatures.py",),
    "duckdb": ("pipeline/store/*.py", "pipeline/derived/*.py"),
    "pyarrow": ("pipeline/store/load.py",),
    "dateparser": ("extractors/dates.py",),
    "underthesea": ("extractors/resources/build_places.py",),
    "spacy": (),
    "underthesea_core": (),
    "prefect": ("flows/*.py",),
    "prefect_dask": ("flows/cluster.py",),
    "distributed": ("flows/cluster.py",),
    "dask": ("flows/cluster.py",),
}
"""Which files of the rooms may import an engine."""

AIR = {"time", "os", "locale", "random", "socket", "subprocess", "urllib", "http", "requests", "getpass", "tempfile"}
"""What would let an extractor depend on anything but its arguments."""


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module a file names in an import, wherever in the file, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            module = node.module or ""
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _callee(node.func) in ("import_module", "__import__") and node.args:
            argument = node.args[0]
            yield (str(argument.value) if isinstance(argument, ast.Constant) else "?"), node.lineno


def _callee(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def files() -> list[Path]:
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    assert {path.relative_to(ROOT).parts[0] for path in found} == set(ROOMS)
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def wrong_ways(name: str, tree: ast.AST) -> list[str]:
    """Imports from a room that must not be known here. ``name``: path below the root."""
    own = ROOMS.index(name.split("/")[0])
    wrong = []
    for module, line in imports(tree):
        room = module.split(".")[0]
        if room in WORKSHOPS or room in ROOMS and ROOMS.index(room) > own and not any(
            name == file and (module == allowed or module.startswith(allowed + ".")) for file, allowed in EXEMPT
        ):
            wrong.append(f"{name}:{line} imports {module}")
    return wrong


def wrong_doors(name: str, tree: ast.AST) -> list[str]:
    """Engines imported past their door."""
    return [
        f"{name}:{line} imports {module}"
        for module, line in imports(tree)
        for doors in [DOORS.get(module.split(".")[0])]
        if doors is not None and not any(fnmatch(name, door) for door in doors)
    ]


def clocks(name: str, tree: ast.AST) -> list[str]:
    """Where an extractor could read a clock or its surroundings."""
    found = [f"{name}:{line} imports {m}" for m, line in imports(tree) if m.split(".")[0] in AIR]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "cwd", "home", "environ"}:
            found.append(f"{name}:{node.lineno} reads .{node.attr}")
    return found


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_keep_to_the_house(path: Path) -> None:
    name, tree = path.relative_to(ROOT).as_posix(), parsed(path)
    assert wrong_ways(name, tree) == []
    assert wrong_doors(name, tree) == []
    if name.startswith(("extractors/", "models/")):
        assert clocks(name, tree) == []


def test_exemptions_are_used_and_only_inside_functions() -> None:
    for file, module in EXEMPT:
        tree = parsed(ROOT / file)
        assert module in {m for m, _ in imports(tree)}
        top = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
        assert module not in {m for m, _ in imports(top)}


@pytest.mark.parametrize(
    ("name", "code", "check"),
    [
        ("models/x.py", "from pipeline import store", wrong_ways),
        ("extractors/x.py", "def f():\n    import flows.ingest", wrong_ways),
        ("pipeline/x.py", "from training.nlp import train_crf", wrong_ways),
        ("pipeline/x.py", "import importlib\nimportlib.import_module('flows.ingest')", wrong_ways),
        ("pipeline/commands.py", "import flows.nightly", wrong_ways),
        ("pipeline/explain.py", "import duckdb", wrong_doors),
        ("extractors/x.py", "from dateparser import parse", wrong_doors),
        ("pipeline/ingest.py", "from prefect import flow", wrong_doors),
        ("extractors/x.py", "def f():\n    import underthesea", wrong_doors),
        ("extractors/x.py", "import spacy", wrong_doors),
        ("extractors/x.py", "import time", clocks),
        ("extractors/x.py", "from datetime import date\ndate.today()", clocks),
        ("extractors/x.py", "from os import environ", clocks),
    ],
)
def test_the_checks_see_what_is_wrong(name: str, code: str, check: object) -> None:
    assert callable(check) and check(name, ast.parse(code)) != []


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    assert not [p for p in files() if p.stem in {"utils", "util", "helpers", "helper", "common", "misc"}]


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    homes = ("/" + "root/", "/" + "home/", "/" + "work/", "C:" + "\\Users")
    names = ("README.md", "setup.sh", "test.sh", ".ci/run", "pyproject.toml", "constraints.txt")
    others = [ROOT / name for name in names]
    for path in [*files(), *(ROOT / "tests").rglob("*.py"), *others]:
        text = path.read_text(encoding="utf-8")
        assert not [home for home in homes if home in text], path
