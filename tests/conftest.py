"""What several test files share: one Prefect server for all that run the flow."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from tests.program import prefect_server


def pytest_configure() -> None:
    """Before anything imports Prefect in this process: what it keeps is not for the data."""
    os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="congvan-tests-")
    atexit.register(shutil.rmtree, os.environ["PREFECT_HOME"], ignore_errors=True)
    import flows  # noqa: F401 the rest of what it is told


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server that runs as long as the tests do."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as address:
        yield address
