"""When: Prefect flows, and nothing but Prefect.

Prefect reads its settings when it is imported, so what it needs is said here, before any module of this package can
import it: nothing is reported to anybody, its own files lie with the data, and it speaks only when something broke.
"""

import os
from pathlib import Path

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
os.environ.setdefault("PREFECT_CLI_PROMPT", "false")
# The first start of a temporary server prepares its database, which takes its time on a slow disk.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
_PROJECT = Path(__file__).resolve().parents[1]
if "PREFECT_HOME" not in os.environ and os.access(_PROJECT, os.W_OK):
    os.environ["PREFECT_HOME"] = str(_PROJECT / "data" / "processed" / ".prefect")
