"""What the program says to people, in one place: what is wrong, with which file, what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

# The store

_STORE = {
    "locked": "The database {path} is being written by another program{holder}; try again when it has finished.",
    "missing": "There is no database at {path}; make one with: congvan ingest PATH",
    "newer": "The database {path} was made by a newer congvan or DuckDB ({said}); use that one, or another --db.",
    "damaged": "The file {path} is damaged or no DuckDB database ({said}); put a backup there or name another --db.",
    "not-writable": "The database {path} cannot be written ({said}); check who owns it and its folder.",
    "full": "The disk has no room left for {path}; free some space and run again. Readers keep what they had.",
    "failed": "The database {path} cannot be used: {said}",
}


def store_trouble(trouble: str, path: Path, holder: str | None, said: str) -> str:
    """Why the store cannot be used; ``holder`` is the process that holds it, ``said`` DuckDB's own first line."""
    by = f" (process {holder})" if holder else ""
    return _STORE[trouble].format(path=path, holder=by, said=said)


def foreign_database(path: Path) -> str:
    """The database holds tables, none of them ours."""
    return f"The database {path} was not made by congvan; name another file with --db."


def does_not_fit(path: str, said: str) -> str:
    """A record that the tables refuse."""
    return f"{path} was read, but its record does not fit into the database ({said}); please report it."


# Finding files


def not_found(path: str) -> str:
    """Neither file nor folder."""
    return f"{path} is not there: no file or folder has this name."


def nothing_in_folder(path: str) -> str:
    """A folder without a file in it."""
    return f"The folder {path} holds no files to read."


def no_regular_file(path: str) -> str:
    """A pipe, a socket, a device."""
    return f"{path} is no ordinary file (a pipe, socket or device), so it was not opened."


def may_not_read(path: str) -> str:
    """The rights are missing."""
    return f"{path} may not be read with your rights; ask its owner, or change them (chmod u+r, icacls)."


def cannot_open(path: str, said: str) -> str:
    """The system refuses the file for some other reason."""
    return f"{path} cannot be opened: {said}."


def name_not_unicode(path: str) -> str:
    """A file name that is no text."""
    return f"The name of {path} is not valid UTF-8; rename the file and try again."


def changed_meanwhile(path: str) -> str:
    """Its bytes differ between two looks."""
    return f"{path} changed while it was being read; try again when it is finished."


# Reading files


def took_too_long(path: str, seconds: float) -> str:
    """The time limit of one file passed."""
    return f"{path} was given up after {seconds:g} seconds; read it alone, or raise the limit with --seconds."


def used_too_much(path: str, seconds: float) -> str:
    """The limit on processor time of one file passed."""
    return f"{path} was given up after {seconds:g} seconds of processor time; read it alone, or raise the limit."


def too_much_memory(path: str, megabytes: int) -> str:
    """The memory limit of one file passed."""
    return f"{path} needed more than {megabytes} MB of memory; split it, or raise the limit with --memory."


def reader_died(path: str, code: int | None) -> str:
    """The process that read the file is gone."""
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return f"The reader crashed on {path} ({how}); the file is probably damaged, save it anew from its own program."


def unexpected(path: str, said: str) -> str:
    """A mistake of ours."""
    return f"{path} met a mistake in congvan ({said}); please report it."


def in_part(said: Sequence[str]) -> str:
    """What is wrong with some of the files in an archive or e-mail: the first few, and how many more."""
    more = f" And {len(said) - 3} more files in it were not read." if len(said) > 3 else ""
    return " ".join(said[:3]) + more


def too_big(path: str, most: int) -> str:
    """More bytes than any dispatch has."""
    return f"{path} is larger than {most >> 20} MB, so it was not opened; split it into its dispatches."


def workers_do_not_start() -> str:
    """The installation is broken, or the machine is full."""
    return "The worker processes do not start (see the lines above); run the setup again, or give --memory more."


# Ingest


def waiting_for_server(address: str) -> str:
    """The same, while it is waited for."""
    return f"Waiting for the Prefect server at {address} …"


def no_prefect_server(address: str) -> str:
    """The server that the environment names is not there."""
    return f"No Prefect server answers at {address}; start it, or unset PREFECT_API_URL to do without."


def progress(done: int, total: int, aside: int, seconds: float) -> str:
    """How far a run is."""
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {duration((total - done) / rate)} left" if rate and done < total else ""
    return f"{done}/{total} files, {aside} set aside, {rate:.1f} files/s{left}"


def duration(seconds: float) -> str:
    """``75`` is ``1:15``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def starting(paths: Sequence[str], db: Path) -> str:
    """The first line of a run."""
    named = paths[0] if len(paths) == 1 else f"{len(paths)} files and folders"
    return f"Reading {named} into {db} (it takes some seconds to start)."


def set_aside_line(path: str, reason: str, message: str) -> str:
    """One file set aside."""
    return f"set aside [{reason}]: {message}" if path in message else f"set aside [{reason}]: {path}: {message}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def summary(
    loaded: int,
    held: int,
    documents: int,
    counts: dict[str, int],
    flags: dict[str, int],
    aside: Sequence[tuple[str, str, str]],
    db: Path,
    seconds: float,
    ask: str,
    gone: int = 0,
) -> str:
    """What a run found, in plain words. ``aside`` holds (path, reason, message) of each file set aside; ``ask`` is
    how this program is called to query this database; ``gone`` counts those that are set aside no more."""
    lines = [f"{count(loaded, 'file')} read, {held} held already, {len(aside)} set aside, in {duration(seconds)}."]
    lines += [f"{_gone(gone)}.", ""] if gone else [""]
    if documents:
        lines += [f"New in {db}:", *(f"{number:>7} {words}" for number, words in _found(documents, counts, flags))]
    else:
        lines.append(f"Nothing new in {db}.")
    if aside:
        lines += ["", "Set aside:"]
        lines += ["  " + set_aside_line(path, reason, message) for path, reason, message in aside[:20]]
        if len(aside) > 20:
            lines.append(f"  … and {len(aside) - 20} more: congvan setaside")
    lines += ["", "To look further, for example:"]
    lines += [f'  {ask} "{sql}"' for sql in TRY_THESE]
    return "\n".join(lines)


def _gone(number: int) -> str:
    verb = "is" if number == 1 else "are"
    return f"{count(number, 'file')} set aside earlier {verb} there no more, and {verb} off the list"


def brief_summary(loaded: int, held: int, aside: Sequence[tuple[str, str, str]], seconds: float) -> str:
    """What a small run did, in a line, and a line for each file set aside."""
    first = f"{count(loaded, 'file')} read, {held} held already, {len(aside)} set aside, in {duration(seconds)}."
    return "\n".join([first, *(set_aside_line(*one) for one in aside)])


def run_page(
    run_id: str,
    loaded: int,
    held: int,
    documents: int,
    counts: dict[str, int],
    flags: dict[str, int],
    aside: Sequence[tuple[str, str, str]],
    db: Path,
    seconds: float,
) -> str:
    """The same as :func:`summary` for a page in a browser (Markdown), with links and with queries for all of it."""
    lines = [
        f"**{count(loaded, 'file')} read**, {held} held already, {len(aside)} set aside, in {duration(seconds)}.", "",
        f"Database: [{_as_words(db.name)}]({db.as_uri()}), run `{run_id}`", "",
    ]  # fmt: skip
    if documents:
        found = _found(documents, counts, flags)
        lines += ["| new | |", "| ---: | --- |", *(f"| {number} | {words} |" for number, words in found), ""]
    if aside:
        lines += ["| set aside | reason | |", "| --- | --- | --- |"]
        lines += [
            f"| [{_as_words(Path(path).name)}]({Path(path).as_uri()}) | {reason} | {_as_words(message)} |"
            for path, reason, message in aside[:_ON_A_PAGE]
        ]
        lines += ["", f"… and {len(aside) - _ON_A_PAGE} more." if len(aside) > _ON_A_PAGE else ""]
    lines += ["All of it, with `congvan query`:", "", "```sql"]
    lines += [f"{sql} WHERE run_id = '{run_id}';" for sql in ("FROM documents", "FROM inputs", "FROM set_aside")]
    return "\n".join([*lines, "```", ""])


_ON_A_PAGE = 100


def _as_words(text: str) -> str:
    """Text that Markdown takes as it stands, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(text.split()))


def _found(documents: int, counts: dict[str, int], flags: dict[str, int]) -> list[tuple[int, str]]:
    recipients = counts["addressees"] + counts["copies"]
    results, amounts = count(counts["result"], "result"), count(counts["funding"], "amount")
    found = [
        (documents, "dispatch", "dispatches", ""),
        (recipients, "recipient", None, f" ({counts['addressees']} kính gửi, {counts['copies']} nơi nhận)"),
        (counts["document_references"], "reference", None, " to other documents"),
        (counts["target"], "target", None, f", besides {results} and {amounts} of funding"),
        (counts["deadlines"], "deadline", None, ""),
        (counts["signatures"], "digital signature", None, ""),
        (counts["flags"], "flag", None, _listed(flags)),
    ]  # fmt: skip
    return [(n, count(n, one, many).partition(" ")[2] + more) for n, one, many, more in found]


def _listed(flags: dict[str, int]) -> str:
    if not flags:
        return ""
    return ": " + ", ".join(f"{code} {n}" for code, n in sorted(flags.items(), key=lambda f: (-f[1], f[0])))


TRY_THESE = (
    "SELECT issued_on, code, issuing_body, subject FROM documents WHERE is_current ORDER BY issued_on",
    "SELECT due_on, bound, responsible, task FROM deadlines ORDER BY due_on NULLS LAST LIMIT 20",
    "SELECT d.code, q.value, q.unit, q.indicator, q.text FROM quantities q JOIN documents d USING (document_id) "
    "WHERE q.kind = 'target' LIMIT 20",
)
"""Three queries to begin with."""


# The command line


def text_or_out() -> str:
    """Two options that exclude each other."""
    return "--text prints to standard output; leave --out away."


def cannot_write(path: Path, said: str) -> str:
    """A folder for records that refuses them."""
    return f"Nothing can be written to {path}: {said}."


def output_refused(said: str) -> str:
    """Standard output takes nothing any more."""
    return f"The output cannot be written: {said}."


def bad_sql(said: str) -> str:
    """The database's own words about a query."""
    return f"The query was refused: {said}"


def no_statement() -> str:
    """A query with nothing in it."""
    return "there is no SQL in it."


def several_statements(number: int) -> str:
    """A query that is more than one."""
    return f"there are {number} statements in it; ask one at a time."


def needs_out(form: str) -> str:
    """A form of rows that no terminal shows."""
    return f"--format {form} makes a file; name it with --out."


def no_gold(folder: Path) -> str:
    """No labelled records."""
    return f"There are no gold records (*.json) in {folder}."


def wrong_ending(out: Path, ending: str) -> str:
    """A file of one form would be given the name of another."""
    return f"The name {out} does not end in {ending}, which is what would be in it; name another file."


def no_such_folder(folder: Path) -> str:
    """A folder that must be there."""
    return f"{folder} is no folder."


def no_records_for(names: Iterable[str]) -> str:
    """Labelled documents without a record."""
    return "No record for: " + ", ".join(names)


def not_json(path: Path, said: str) -> str:
    """A record that cannot be read."""
    return f"{path} is no JSON record ({said})."


def records_written(number: int, folder: Path) -> str:
    """The end of an extraction into files."""
    return f"Wrote {count(number, 'record')} to {folder}."


def written_as(path: str, target: Path) -> str:
    """Two dispatches with one name."""
    return f"Another dispatch is called so already, so {path} was written to {target}."


STOPPED = "Stopped. What was loaded so far stays; run the same command again to go on."
OUR_FAULT = "This is a mistake in congvan; please report it with the lines above."


# Corrections


def no_such_document(named: str) -> str:
    """A correction of what is not held."""
    return f"No dispatch held is called {named}; name it by its path, its code or the first letters of its document_id."


def several_documents(named: str, found: Sequence[str]) -> str:
    """A name that fits more than one."""
    return f"{named} means {len(found)} dispatches; name one by its document_id: {', '.join(found[:5])}"


def no_such_field(field: str, known: Sequence[str]) -> str:
    """A field that the record has not, or that cannot be corrected."""
    return f"There is no field {field} to correct; there are: {', '.join(known)}"


def no_such_entry(field: str) -> str:
    """The list is shorter than that."""
    return f"The dispatch has no entry {field.rpartition('.')[0]}; congvan query shows how they are numbered."


def field_needs_a_value(field: str) -> str:
    """A field that may not be empty."""
    return f"{field} must have a value; it cannot be taken away."


def value_not_allowed(field: str, value: str, allowed: Sequence[str]) -> str:
    """One of a few words is wanted."""
    return f"{field} cannot be {value}; it is one of: {', '.join(allowed)}"


def value_does_not_fit(field: str, value: str, kind: str) -> str:
    """No number, no day, …"""
    kinds = {"DATE": "a day like 2025-06-30", "DOUBLE": "a number like 12.5", "INTEGER": "a whole number"}
    wanted = kinds.get(kind, "true or false" if kind == "BOOLEAN" else "a day like 2025-06-30, or 2025-06, or 2025")
    return f"{field} cannot be {value}: {wanted} is wanted."


NOTHING_TO_REVIEW = "Nothing is worth a look."


def corrected(field: str, old: str | None, new: str | None, path: str) -> str:
    """What a correction did."""
    return f"{field} of {path}: {'nothing' if old is None else old} is now {'nothing' if new is None else new}."


def no_moment(text: str) -> str:
    """No day and no time."""
    return f"{text} is no day; write it like 2026-10-01 or 2026-10-01T08:30."


# The store's files


def db_is_folder(path: Path) -> str:
    """``--db`` names a folder."""
    return f"{path} is a folder; name a file in it with --db, such as {path / 'congvan.duckdb'}"


def store_held(path: Path, holder: str) -> str:
    """Another congvan writes; ``holder`` says which."""
    return f"The database {path} is being written by {holder}; run this again when it has finished."


def waiting_for(holder: str) -> str:
    """The same, while it is waited for."""
    return f"Waiting for {holder}, which is writing this database …"


def not_published(path: Path, why: str) -> str:
    """A snapshot that did not pass its checks."""
    return f"Nothing new was published to {path}, which stays as it was: {why}"


def documents_lost(number: int) -> str:
    """Why a snapshot was refused."""
    return f"{count(number, 'dispatch', 'dispatches')} of the last snapshot would be missing in the new one."


def keys_broken(said: str) -> str:
    """Why a snapshot was refused."""
    return f"its tables do not fit together ({said}); please report it."


def no_snapshot(name: str, known: Sequence[str]) -> str:
    """A snapshot that is not kept."""
    return f"There is no snapshot {name}; kept are: {', '.join(known) or 'none'}"


def no_earlier_snapshot(path: Path) -> str:
    """Nothing to go back to."""
    return f"No snapshot earlier than the published one is kept for {path}."


def snapshot_damaged(name: str) -> str:
    """Its bytes are not those of its manifest."""
    return f"The snapshot {name} is damaged: its bytes are not those its manifest names; choose another."


def published(path: Path, name: str) -> str:
    """A snapshot in place."""
    return f"Published {path} (snapshot {name})."


# Search and exports


def no_words(words: str) -> str:
    """Nothing to search for."""
    return f"There is no word to look for in {words!r}; name some, for example: nong thon moi"


def out_is_folder(path: Path) -> str:
    """A file is wanted, a folder is named."""
    return f"{path} is a folder; name the file to write."


def too_much_for_sheet(rows: int, columns: int) -> str:
    """More than a spreadsheet holds."""
    return f"A sheet holds {rows:,} rows and {columns:,} columns, and this has more; ask for less, or for CSV."


def nothing_found() -> str:
    """A search without a hit."""
    return "Nothing holds all of these words; leave some out, or take the quotes away."


def exported(path: Path, what: str) -> str:
    """A file written."""
    return f"Wrote {path}: {what}."


def left_out(rules: Sequence[str]) -> str:
    """Deadlines that a calendar cannot hold."""
    more = f" and {len(rules) - 3} more" if len(rules) > 3 else ""
    return f"Left out, as no calendar can follow their rule: {'; '.join(rules[:3])}{more}."


def days_reversed(since: str, until: str) -> str:
    """From after to."""
    return f"There is no day from {since} to {until}; exchange them."


# Nights


FOUND_DEAD = "The program that ran this was gone when the next run looked; what it had loaded is in the database."


def no_match(pattern: str) -> str:
    """A pattern with stars that fits no file."""
    return f"No file or folder fits the pattern {pattern}."


def night_failed(said: str, report: Path | None) -> str:
    """A step of the night broke."""
    where = f"; the report is {report}" if report else ""
    return f"The night failed ({said}){where}. Nothing is lost; the next night goes on."


def night_done(report: str) -> str:
    """A night without a failed step."""
    return f"The night is done; the report is {report}"


def no_web_address(address: str) -> str:
    """A webhook that is none."""
    return f"{address} is no address to report to; it begins with http:// or https://"


def alarm_failed(what: str, said: str) -> str:
    """Nobody could be told that the night failed."""
    return f"The failed night could not be reported by {what}: {said}"


def nothing_to_retry(reasons: Sequence[str], there: dict[str, int]) -> str:
    """No file is set aside, or none for these reasons; ``there`` counts those that are."""
    if not there:
        return "Nothing is set aside."
    known = ", ".join(f"{reason} ({number})" for reason, number in sorted(there.items()))
    return f"Nothing is set aside for {', '.join(reasons)}; there is: {known}"


def watching(folders: Sequence[str], db: Path) -> str:
    """The first line of a watch."""
    return f"Watching {', '.join(folders)} for {db}; end it with Ctrl-C."


# Reading again


def outdated(number: int) -> str:
    """How many files newer rules may read otherwise."""
    return f"{count(number, 'file')} held {'was' if number == 1 else 'were'} read by other rules than today's."


def change_line(field: str, gained: int, lost: int, changed: int) -> str:
    """What newer readings did to one field."""
    return f"{field:<36} {gained:>6} gained {lost:>6} lost {changed:>6} changed"


def outdated_gone(number: int) -> str:
    """Files that cannot be read again."""
    verb = "is" if number == 1 else "are"
    return f"{number} of them {verb} there no more; what was read from {'it' if number == 1 else 'them'} stays."


def no_cluster() -> str:
    """The extra is not installed."""
    return "--cluster needs what the extra cluster installs: pip install 'congvan[cluster]'"


def no_cluster_answers(address: str, said: str) -> str:
    """Nobody schedules there."""
    return f"No Dask scheduler answers at {address} ({said})."


def only_with_cluster(option: str) -> str:
    """An option that says nothing by itself."""
    return f"{option} says something only with --cluster."


def corrections_waiting(number: int) -> str:
    """Corrections of entries that the newest reading does not have."""
    return (
        f"{count(number, 'correction')} not applied: the newest reading has no such entry. See the view "
        "corrections_waiting."
    )


def reextracted(read: int, fields: int, dry: bool) -> str:
    """The end of reading again."""
    did = "would change" if dry else "changed"
    return f"{count(read, 'file')} read again; {count(fields, 'field')} {did}{'; nothing was written' if dry else ''}."
