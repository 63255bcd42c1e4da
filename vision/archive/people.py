"""What people put into the store: the decision log, accounts, sessions. Apart from everything a machine writes.

The log is append-only: rows are inserted under a lock that one writer holds at a time, and nothing here updates or
deletes one. Accounts and sessions hold hashes only, never a password or a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    update,
)

from vision.archive.connect import said_plainly

tables = MetaData()
decision_log = Table(
    "decision_log",
    tables,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
)
accounts = Table(
    "accounts",
    tables,
    Column("name", String(80), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("created_at", String(32), nullable=False),
)
sessions = Table(
    "review_sessions",
    tables,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("once", Boolean, nullable=False),
    Column("expires", Float, nullable=False),
)
secrets = Table("review_secrets", tables, Column("name", String(40), primary_key=True), Column("value", Text))

LogRow = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account: password is an argon2 hash, empty for one that signs in by local token only."""

    name: str
    role: str
    password: str
    closed: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, or (once) a token that can be turned into one; expires is in seconds since 1970."""

    token_sha256: str
    name: str
    role: str
    once: bool
    expires: float


class People:
    """The people's part of a store. Raises OutputError, with a sentence, whenever the store cannot be reached."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with said_plainly():
            tables.create_all(engine)

    def log(self, after: int = 0) -> list[LogRow]:
        """The log's rows beyond a number, in order."""
        with said_plainly(), self._engine.connect() as connection:
            return _log(connection, after)

    def log_rows(self) -> Iterator[LogRow]:
        """Every row of the log in order, as it is read: for logs too long to hold."""
        with said_plainly(), self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(_select_log(0))
            yield from (_row(row) for row in rows)

    def append(self, after: int, make: Callable[[list[LogRow]], Sequence[LogRow]]) -> list[LogRow]:
        """Append what make returns, given the rows beyond after, while no other writer can append.

        Returns the rows beyond after, the new ones included. What make raises passes through, and nothing is written.
        """
        with said_plainly(), self._locked() as connection:
            seen = _log(connection, after)
            made = make(seen)
            if made:
                names = ("seq", "entry", "sha256")
                connection.execute(insert(decision_log), [dict(zip(names, row, strict=True)) for row in made])
            return [*seen, *made]

    def account(self, name: str) -> Account | None:
        """The account with a name, None where there is none."""
        with said_plainly(), self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
            return Account(*row) if row else None

    def all_accounts(self) -> list[Account]:
        """Every account by name, closed ones included: a name in the log is never forgotten."""
        with said_plainly(), self._engine.connect() as connection:
            return [Account(*row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]

    def put_account(self, account: Account) -> None:
        """Add an account, or change the one with its name: its sessions end, as they hold the role it had."""
        values = {"role": account.role, "password": account.password, "closed": account.closed}
        with said_plainly(), self._locked() as connection:
            found = connection.execute(update(accounts).where(accounts.c.name == account.name).values(**values))
            if found.rowcount:
                connection.execute(delete(sessions).where(sessions.c.name == account.name))
            else:
                row = values | {"name": account.name, "created_at": account.created_at}
                connection.execute(insert(accounts).values(**row))

    def session(self, token_sha256: str) -> Session | None:
        """The session or one-time token with this hash, expired or not."""
        with said_plainly(), self._engine.connect() as connection:
            row = connection.execute(select(sessions).where(sessions.c.token_sha256 == token_sha256)).one_or_none()
            return Session(*row) if row else None

    def put_session(self, session: Session, now: float) -> None:
        """Add a session and forget those that expired before now (seconds since 1970)."""
        with said_plainly(), self._locked() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires < now))
            connection.execute(
                insert(sessions).values(
                    token_sha256=session.token_sha256,
                    name=session.name,
                    role=session.role,
                    once=session.once,
                    expires=session.expires,
                )
            )

    def end_session(self, token_sha256: str) -> bool:
        """Forget a session or token; False where there was none (somebody else was quicker)."""
        with said_plainly(), self._locked() as connection:
            return bool(connection.execute(delete(sessions).where(sessions.c.token_sha256 == token_sha256)).rowcount)

    def secret(self, name: str, fresh: str) -> str:
        """The store's secret of a name; fresh becomes it where there is none yet."""
        with said_plainly(), self._locked() as connection:
            found = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one_or_none()
            if found is None:
                connection.execute(insert(secrets).values(name=name, value=fresh))
            return fresh if found is None else str(found)

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        """A transaction that no other writer of these tables runs beside."""
        with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("PRAGMA busy_timeout = 30000"))
                connection.execute(text("PRAGMA synchronous = FULL"))
                connection.execute(text("BEGIN IMMEDIATE"))
                done = False
                try:
                    yield connection
                    done = True
                finally:
                    connection.execute(text("COMMIT" if done else "ROLLBACK"))
            else:
                with connection.begin():
                    connection.execute(text("LOCK TABLE decision_log IN EXCLUSIVE MODE"))
                    yield connection


def _select_log(after: int) -> Select[int, str, str]:
    return select(decision_log).where(decision_log.c.seq > after).order_by(decision_log.c.seq)


def _log(connection: Connection, after: int) -> list[LogRow]:
    return [_row(row) for row in connection.execute(_select_log(after))]


def _row(row: Row[*tuple[Any, ...]]) -> LogRow:
    return int(row[0]), str(row[1]), str(row[2])
