"""Opening a store: its URL, the two databases that can hold it, its schema's version, and plain words when it fails.

SQLite runs with a write-ahead log: many read while one writes, and whoever is killed leaves every finished transaction
whole. A writer's transaction takes the lock at its beginning, so that two never wait for each other halfway.
Accepted: of a store on a failing disk or cut short by hand, SQLite itself may not notice; each record has its sha256.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    bindparam,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    or_,
    text,
    true,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from vision.errors import MarktraceError, MissingError, OutputError, UsageError
from vision.text import visible

# The newest step of migrations/versions: a store at another one is moved to it, or was made by a newer marktrace.
SCHEMA = "r0004"
_WRITES = "marktrace_writes"
_BUSY_MS = 30_000


def store_url(name: str) -> URL:
    """The URL of a store: SQLAlchemy's own, or a plain file name for SQLite. Raises UsageError for any other kind.

    >>> store_url("finds.db").render_as_string()
    'sqlite:///finds.db'
    """
    try:
        url = make_url(name) if "://" in name else URL.create("sqlite", database=name)
    except (ArgumentError, ValueError) as fault:
        raise UsageError(f"{visible(name)!r} is not the URL of a store.") from fault
    kind = url.get_backend_name()
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not url.database or url.database == ":memory:":
        raise UsageError(
            "A store is a file name, sqlite:///FILE or postgresql://USER@HOST/NAME; "
            f"{visible(url.render_as_string(hide_password=True))!r} is none of these."
        )
    return url


def connect(name: str, *, create: bool, busy_ms: int = _BUSY_MS) -> Engine:
    """An engine on a store whose schema is this version's.

    Args:
        name: URL or file name.
        create: whether a store may be made where there is none. One of an older schema is brought up to date.
        busy_ms: how long to wait for another writer.

    Raises: UsageError for a URL that names no store and where there is none to read; MissingError where PostgreSQL's
        driver is not installed; OutputError, with a sentence, where the store cannot be used.
    """
    url = store_url(name)
    if url.get_backend_name() == "sqlite" and not create and not Path(str(url.database)).exists():
        raise UsageError(f"There is no store {visible(str(url.database))}: make one with marktrace tag.")
    try:
        engine = _engine(url, busy_ms)
    except (ModuleNotFoundError, NoSuchModuleError) as fault:
        raise MissingError("PostgreSQL needs its driver: pip install 'marktrace[postgresql]'.") from fault
    try:
        with said_plainly():
            _fit_schema(engine, create)
    except MarktraceError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all of it or, when anything is raised, nothing."""
    with said_plainly(), engine.connect() as plain:
        connection = plain.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads, and sees one state of the store."""
    with said_plainly(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # where each statement would see a state of its own
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def in_binary(connection: Connection) -> Iterator[None]:
    """Within, PostgreSQL sends what is asked for as it is, not written out as text, which takes it and us far longer
    for bytes and numbers by the million. SQLite always does."""
    bare = connection.connection.driver_connection
    plain = getattr(bare, "cursor_factory", None)
    if plain is None:
        yield
        return

    def binary(*arguments: Any, **options: Any) -> Any:
        cursor = plain(*arguments, **options)
        cursor.format = 1  # psycopg.pq.Format.BINARY
        return cursor

    bare.cursor_factory = binary  # type: ignore[union-attr]
    try:
        yield
    finally:
        bare.cursor_factory = plain  # type: ignore[union-attr]


def among(connection: Connection, column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of some numbers. PostgreSQL takes them as one array: its driver reads a statement with a
    thousand parameters for longer than the server answers it."""
    if connection.dialect.name != "postgresql":
        return column.in_(numbers)
    return column == func.any(bindparam(None, list(numbers), ARRAY(BigInteger)))


def one_by_one(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """The rows of a query without parameters as they come, in binary, so that one is held at a time: PostgreSQL's
    driver takes twice as long over a hundred megabytes that it must hold together."""
    bare: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        yield from connection.execute(query)
        return
    asked = str(query.compile(connection))
    try:
        with bare.cursor(binary=True) as cursor:
            yield from cursor.stream(asked, binary=True)
    except connection.dialect.loaded_dbapi.Error as fault:
        raise DBAPIError(asked, None, fault) from fault


def beneath(column: ColumnElement[str], folders: Sequence[str]) -> ColumnElement[bool]:
    """Whether a path lies under one of some folders; any path does where none is named.

    By substr, since LIKE takes a and A for the same in SQLite, and these are two folders.
    """
    if not folders:
        return true()
    starts = {folder.rstrip("/") + "/" for folder in folders}
    return or_(*(func.substr(column, 1, len(start)) == start for start in sorted(starts)))


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what a database raises into an OutputError that says what to do."""
    try:
        yield
    except SQLAlchemyError as fault:
        raise OutputError(_sentence(fault)) from fault


def _engine(url: URL, busy_ms: int) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    engine = create_engine(url, connect_args={"timeout": busy_ms / 1000.0})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where sqlite3 guesses
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "temp_store = MEMORY", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


def _fit_schema(engine: Engine, create: bool) -> None:
    found = _schema_of(engine)
    if found == SCHEMA:
        return
    if found is None and not create:
        raise UsageError("There is no store there yet: make one with marktrace tag.")
    if found is not None and found not in _known():
        raise OutputError(f"This store was made by a newer marktrace (schema {visible(found, 40)}): update marktrace.")
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # stays with the file; cannot be set inside a transaction
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("PRAGMA journal_mode = WAL"))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7391)"))
        _migrate(connection)


def _schema_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _script() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {step.revision for step in ScriptDirectory.from_config(_script()).walk_revisions()}


def _migrate(connection: Connection) -> None:
    from alembic import command

    config = _script()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


_KNOWN_FAULTS = (
    (("database or disk is full", "No space left", "disk full"), "the disk is full. Free some space and run it again"),
    (("disk I/O error",), "its disk refuses to be written: full, over a quota, or failing. Free space, run it again"),
    (("database is locked", "lock timeout"), "another program is writing to it. Wait for it and run it again"),
    (("readonly database", "read-only"), "it is read-only. Check the rights on the file and its folder"),
    (("unable to open database",), "its file cannot be opened. Check that its folder is there and may be written to"),
    (("not a database", "malformed"), "its file is damaged or is no store. Restore it from a copy"),
    (("password authentication failed", "no password supplied"), "the user name or password is wrong"),
    (("does not exist",), "the server has no such database or user. Create it first (createdb)"),
    (("Connection refused", "connection to server", "could not translate", "connection failed", "could not connect",
      "server closed", "terminating connection", "shutting down", "starting up", "connection is lost",
      "consuming input failed"),
     "its server cannot be reached. Check that it runs, and run the same command again"),
)  # fmt: skip


def _sentence(fault: SQLAlchemyError) -> str:
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    said = str(cause)
    for signs, sentence in _KNOWN_FAULTS:
        if any(sign.casefold() in said.casefold() for sign in signs):
            return f"The store cannot be used: {sentence}."
    first = visible(said.strip().partition("\n")[0], 200).rstrip(".")
    return f"The store cannot be used: {first or type(fault).__name__}."
