#!/bin/sh
# Passes the tests: style, types, then everything in tests/. What is given goes to pytest: ./test.sh tests/test_store.py
set -eu
cd "$(dirname "$0")"
./setup.sh --test
.venv/bin/ruff check .
.venv/bin/mypy
exec .venv/bin/python -m pytest "$@"
