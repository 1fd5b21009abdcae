"""The pages about the database say what the database is, and the worked questions what it answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.batch import Settings, attempt
from pipeline.store.place import StorePlace
from pipeline.store.schema_page import DOCS, database_page, main, questions_page
from pipeline.store.views import MACROS, VIEWS
from pipeline.work import read_file
from tests.test_publish import add
from tests.test_store import rows

EXAMPLES = sorted((Path(__file__).parents[1] / "data" / "raw").iterdir())
AGAIN = "rewrite with: .venv/bin/python -m pipeline.store.schema_page DATABASE (of data/raw alone)"
QUESTIONS = (DOCS / "questions.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example dispatches, read and published."""
    place = StorePlace(tmp_path_factory.mktemp("store") / "congvan.duckdb")
    outcomes = [attempt(read_file, str(path), Settings()) for path in EXAMPLES if not path.name.startswith(".")]
    assert [o.failure for o in outcomes] == [None] * len(outcomes)
    add(place, "r1", *outcomes)
    return place.published


def test_the_page_about_the_database_is_what_the_database_says(db: Path) -> None:
    assert (DOCS / "database.md").read_text(encoding="utf-8") == database_page(db), AGAIN


def test_the_page_leaves_nothing_out(db: Path) -> None:
    page = database_page(db)
    names = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    for (name,) in rows(db, names):
        assert re.search(rf"^### {name}$|`history\.{name}`", page, re.M), name
    assert page.count("| `") == rows(
        db, "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
    )[0][0]  # fmt: skip
    assert "|  |" not in page, "a comment is missing"
    for (name,) in rows(db, "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal"):
        assert re.search(rf"^### {name}\([\w, :=]+\)$", page, re.M), name


def test_the_worked_questions_are_answered_so(db: Path) -> None:
    assert questions_page(db, QUESTIONS) == QUESTIONS, AGAIN


def test_every_view_and_macro_is_asked_something() -> None:
    asked = re.findall(r"```sql\n(.*?)```", QUESTIONS, re.S)
    assert len(asked) >= 15 and len(set(asked)) == len(asked)
    together = "\n".join(asked)
    for view in VIEWS:
        assert re.search(rf"\b(?:FROM|JOIN) {view.name}\b|'{view.name}'", together), view.name
    for macro in MACROS:
        assert f"{macro.name}('" in together, macro.name


def test_answers_are_written_into_the_page_however_old_it_is(db: Path) -> None:
    asked = "# Q\n\n```sql\nSELECT 1 AS one, 'a|b' AS words\n```\n"
    after = "\nWords.\n\n```sql\nSELECT 2 AS two\n```\n\n| two |\n| --- |\n| 2 |\n"
    answered = "# Q\n\n```sql\nSELECT 1 AS one, 'a|b' AS words\n```\n\n| one | words |\n| --- | --- |\n| 1 | a\\|b |\n"
    assert questions_page(db, asked + after) == questions_page(db, answered + after) == answered + after
    none = "```sql\nSELECT 1 AS one WHERE false\n```\n"
    assert questions_page(db, questions_page(db, none + "\n## Next\n")) == f"{none}\nNo rows.\n\n## Next\n"


def test_pages_know_nothing_of_the_machine(db: Path) -> None:
    for page in (database_page(db), QUESTIONS):
        assert str(EXAMPLES[0].parent.parent) not in page and str(db.parent) not in page


def test_it_asks_for_one_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "DATABASE" in capsys.readouterr().err
