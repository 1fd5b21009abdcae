"""Every command in the README is run as it stands there, and the README says what the program does."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.store.tables import TABLES
from pipeline.store.views import VIEWS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", README, re.S | re.M)]
SETUP, TESTS, *OTHERS = BLOCKS
TABLE_ROW = re.compile(r"^\| (.+?) \| (.+?) \|$", re.M)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the commands name, in a folder of their own, with this environment as ``.venv``."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("setup.sh", "test.sh", "pyproject.toml", "constraints.txt", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    shutil.copytree(ROOT / "data" / "gold", folder / "data" / "gold")
    # Commands that set up would install into this environment; here they only have to find it done.
    program = folder / ".venv" / "bin"
    program.mkdir(parents=True)
    for name in ("congvan", "prefect", "python"):
        (program / name).symlink_to(ROOT / ".venv" / "bin" / name)
    return folder


def run(command: str, checkout: Path, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """A command of the README, as somebody types it in the checkout."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    env |= {"CONGVAN_DB": str(checkout / "congvan.duckdb"), "PREFECT_HOME": str(checkout / ".prefect")}
    return subprocess.run(
        ["bash", "-c", command], cwd=checkout, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


def test_it_opens_with_two_commands() -> None:
    assert SETUP == "./setup.sh && .venv/bin/congvan ingest data/raw"
    assert TESTS == "./test.sh"
    assert README.index("```sh") < README.index("\n## ")
    for name in ("setup.sh", "test.sh", ".ci/run"):
        assert (ROOT / name).stat().st_mode & stat.S_IXUSR, f"{name} cannot be run"
    assert "exec ./test.sh" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_first_command_fills_the_store_and_says_what_it_found(checkout: Path) -> None:
    ingest = SETUP.partition(" && ")[2]
    done = run(ingest, checkout)
    assert done.returncode == 0, done.stderr
    for words in ("5 files read", "dispatches", "recipients", "references", "targets", "deadlines", "flags"):
        assert words in done.stderr
    tries = re.findall(r"^  (\S*congvan query .*)$", done.stderr, re.M)
    assert len(tries) == 3
    for line in tries:
        tried = run(line, checkout)
        assert tried.returncode == 0, tried.stderr
        assert len(tried.stdout.splitlines()) > 2


def test_every_other_command_runs(checkout: Path) -> None:
    assert len(OTHERS) >= 6
    for block in OTHERS:
        if "prefect server" in block:
            *start_and_use, stop = block.splitlines()
            done = run("\n".join(["set -e", f"trap '{stop}' EXIT", *start_and_use]), checkout)
            assert done.returncode == 0, (block, done.stdout, done.stderr)
            assert "files read" in done.stderr and "Server stopped" in done.stdout
            continue
        for command in block.splitlines():
            done = run(command, checkout)
            assert done.returncode == 0, (command, done.stderr)
            if " --out " in command:
                assert (checkout / command.partition(" --out ")[2]).exists(), command
            elif " query " in command or " explain " in command or " --text " in command or " score " in command:
                assert len(done.stdout.splitlines()) > 2, command
            if "--format json" in command:
                assert json.loads(done.stdout)
    records = list((checkout / "data" / "processed" / "records").iterdir())
    assert len(records) == 5
    for path in records:
        assert json.loads(path.read_text(encoding="utf-8"))["source"]["sha256"]


def test_setting_up_again_takes_no_time() -> None:
    done = subprocess.run(["./setup.sh", "--test"], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wrong = subprocess.run(["./setup.sh", "--tests"], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert wrong.returncode == 2 and "--tests" in wrong.stderr


def test_every_command_of_the_program_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-h"])
    told = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.M)
    assert len(told) >= 6
    for command in told:
        assert f"congvan {command} " in README or f"congvan {command}\n" in README, command


def test_every_option_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-h"])
    options = set()
    for command in re.findall(r"^    ([\w-]+) ", capsys.readouterr().out, re.M):
        with pytest.raises(SystemExit):
            main([command, "-h"])
        options |= set(re.findall(r"^  (?:-h, )?(--[\w-]+)", capsys.readouterr().out, re.M))
    assert len(options) > 30
    assert {option for option in options - {"--help"} if f"`{option}" not in README} == set()


def test_the_tables_of_the_store_and_the_exit_codes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows = dict(TABLE_ROW.findall(README))
    named = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert named >= {t.name for t in TABLES}
    assert all(f"`{view.name}`" in README for view in VIEWS)
    with pytest.raises(SystemExit):
        main(["-h"])
    told = dict(re.findall(r"^  (\d)  (\w+ \w+)", capsys.readouterr().out, re.M))
    assert set(told) == set("01234")
    for code, words in told.items():
        assert rows[code].startswith(words)


def test_every_package_that_is_needed_is_under_the_licence_that_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = {
        package.lower(): re.sub(r"[*]", "", licence).split("-")[0].split(",")[0]
        for packages, licence in TABLE_ROW.findall(README.partition("## Licences")[2])
        for package in packages.split(", ")
    }
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=]", requirement)[0]
        about = metadata(name)
        classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
        says = " ".join([*(about.get_all("License-Expression") or []), *(about.get_all("License") or []), *classifiers])
        assert told[name].replace("AGPL", "AFFERO GPL").casefold() in says.casefold(), (name, told[name], says[:200])
