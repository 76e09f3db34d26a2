"""Faults of the database, in words a person can act on. No driver's exception passes this layer.

A driver's own message may quote the values of a row, so none is kept: what is told is the kind of
fault, the driver's code and the name of the constraint.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy.exc

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
# Lock not available, query cancelled by a time limit, serialisation failure, deadlock, and the
# states of a server that is full, starting or stopping: the same request may succeed if repeated.
_POSTGRES_BUSY = {"55P03", "57014", "40001", "40P01", "53300", "57P01", "57P02", "57P03"}
_POSTGRES_FULL = {"53100", "53200"}
# What is said where nobody is let in, known by its words, because the protocol's
# code for them does not reach Python. What is told of them is ours, with names from the address.
_TURNED_AWAY = {
    r'database ".*" does not exist': "the database server has no database {database}; make it "
    "(CREATE DATABASE), or correct its name under [storage]",
    r'role ".*" does not exist': "the database server has no role {role}; make it (CREATE ROLE), "
    "or correct its name under [storage]",
    "no password supplied": "the database server asks for a password for the role {role}, and none "
    "is known; put it in the ~/.pgpass of the account that runs this, which others may not read",
    "password authentication failed": "the database server does not accept the password of the "
    "role {role}; correct ~/.pgpass, or give the role the password (ALTER ROLE)",
    "Peer authentication failed|Ident authentication failed": "the database server lets only the "
    "account of the same name in as the role {role}; run this as that account, or change "
    "pg_hba.conf",
    r"no pg_hba\.conf entry": "the database server's pg_hba.conf lets the role {role} into the "
    "database {database} from nowhere like here",
    "permission denied for database": "the role {role} may not connect "
    "to the database {database}; give it the right (GRANT CONNECT)",
}
_DEFECT = "a question to the database was put wrongly or answered oddly ({}); a defect in Sluss"


class StoreFault(Exception):
    """The database failed. Nothing of the transaction was kept."""


class StoreBusy(StoreFault):
    """Someone else holds the database. Nothing was kept; the same act may be tried again."""


class StoreFull(StoreFault):
    """There is no room to write. Nothing was kept, and nothing can be done until there is."""


class StoreConflict(StoreFault):
    """A row with the same key exists already. Nothing was kept."""


class StoreNotReady(StoreFault):
    """The database is missing, or has another version's tables."""


class UnloggedWriteError(StoreFault):
    """Code wrote without recording what happened, or wrote in the log by hand. A defect."""


@contextmanager
def faults_told_plainly() -> Iterator[None]:
    """Turn a driver's exception into one of those above."""
    try:
        yield
    except sqlalchemy.exc.TimeoutError:
        raise StoreBusy(
            "every connection to the database is in use; try again, and raise the number of "
            "connections if it keeps happening"
        ) from None
    except sqlalchemy.exc.DBAPIError as error:
        raise fault_of(error.orig) from None
    except sqlalchemy.exc.StatementError as error:
        # A value that one of our column types refused before any driver saw it.
        if isinstance(error.orig, ValueError):
            raise error.orig from None
        raise StoreFault(_DEFECT.format(type(error).__name__)) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise StoreFault(_DEFECT.format(type(error).__name__)) from None
    except (sqlite3.Error, psycopg.Error) as error:
        raise fault_of(error) from None


def fault_of(error: BaseException | None) -> StoreFault:
    """The fault a driver's exception stands for."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_fault(error)
    if isinstance(error, psycopg.Error):
        return _postgres_fault(error)
    return StoreFault(f"the database failed ({type(error).__name__}); see the operator's guide")


def _sqlite_fault(error: sqlite3.Error) -> StoreFault:
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code is None:
        return StoreFault(f"the database refused a statement ({name}); this is a defect in Sluss")
    if code & 0xFF in _SQLITE_BUSY:
        return StoreBusy("the database is locked by another process; try again in a moment")
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return StoreFull("the disk that holds the database is full; make room and try again")
    if code in _SQLITE_TAKEN:
        return StoreConflict(f"a row with the same key exists already ({name})")
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return StoreFault(
            f"the database file is damaged or is no Sluss database ({name}); stop the service and "
            "restore from a backup"
        )
    return StoreFault(f"the database failed ({name}); nothing was kept")


def _postgres_fault(error: psycopg.Error) -> StoreFault:
    state = error.sqlstate
    constraint = error.diag.constraint_name
    said = f"SQLSTATE {state}" + (f", constraint {constraint}" if constraint else "")
    if state in _POSTGRES_BUSY:
        return StoreBusy(f"the database is locked or restarting ({said}); try again in a moment")
    if state in _POSTGRES_FULL:
        return StoreFull(f"the database server has no room ({said}); make room and try again")
    if state == "23505":
        return StoreConflict(f"a row with the same key exists already ({said})")
    if state == "42501":
        return StoreFault(
            f"the database role may not do this ({said}); nothing was kept. If the tables are new, "
            "run `sluss migrate` as their owner"
        )
    if state is None or state.startswith("08"):
        if turned_away := _turned_away(error):
            return turned_away
        return StoreBusy("the database server cannot be reached; check that it runs and try again")
    return StoreFault(f"the database failed ({said}); nothing was kept")


def _turned_away(error: psycopg.Error) -> StoreNotReady | None:
    """Why the server that answers lets nobody in, where that is what happened."""
    for words, told in _TURNED_AWAY.items():
        if error.pgconn is not None and re.search(words, str(error)):
            database, role = error.pgconn.db.decode(), error.pgconn.user.decode()
            return StoreNotReady(told.format(database=database, role=role))
    return None
