"""What several test files share: one Prefect server for all that run the flow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.program import prefect_server


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server that runs as long as the tests do."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as address:
        yield address
