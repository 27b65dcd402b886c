"""From a token, a session cookie or a password to a Viewer. Secrets are compared and stored as hashes only."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select

from repository.errors import NotSignedIn
from repository.records.visibility import Viewer
from repository.storage.models import Account, Session, Token

SESSION_LIFE = timedelta(days=31)
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified when there is no such account, so that the time of an answer tells nothing."""
    return _HASHER.hash(secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class Identity:
    """An account that has proved who it is."""

    id: int
    email: str
    name: str
    admin: bool

    @property
    def viewer(self) -> Viewer:
        return Viewer(account=str(self.id), admin=self.admin)


def hash_secret(secret: str) -> str:
    """How tokens and session ids are stored; they are random and long, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


_COLUMNS = (Account.id, Account.email, Account.name, Account.admin)


def by_token(connection: Connection, token: str) -> Identity:
    """The holder of a bearer token. Raises NotSignedIn."""
    row = connection.execute(
        select(*_COLUMNS, Token.expires)
        .join(Token, Token.account_id == Account.id)
        .where(Token.hash == hash_secret(token), Account.active)
    ).one_or_none()
    if row is None or (row.expires is not None and row.expires < datetime.now(UTC)):
        raise NotSignedIn("The access token is unknown or has expired.")
    return Identity(row.id, row.email, row.name, row.admin)


def by_session(connection: Connection, cookie: str) -> Identity | None:
    """Whose session it is; None if it has ended or never was."""
    row = connection.execute(
        select(*_COLUMNS)
        .join(Session, Session.account_id == Account.id)
        .where(Session.hash == hash_secret(cookie), Session.expires > datetime.now(UTC), Account.active)
    ).one_or_none()
    return Identity(row.id, row.email, row.name, row.admin) if row is not None else None


def by_password(connection: Connection, email: str, password: str) -> Identity:
    """Raises NotSignedIn, with one message whatever was wrong."""
    row = connection.execute(
        select(*_COLUMNS, Account.password).where(Account.email == email.strip().lower(), Account.active)
    ).one_or_none()
    try:
        _HASHER.verify(row.password if row is not None and row.password else _nobody(), password)
    except (VerificationError, InvalidHashError) as error:
        raise NotSignedIn("Unknown e-mail address or wrong password.") from error
    if row is None or not row.password:
        raise NotSignedIn("Unknown e-mail address or wrong password.")
    return Identity(row.id, row.email, row.name, row.admin)


def start_session(connection: Connection, account: int) -> str:
    """Opens a session and returns the value of its cookie, which is stored nowhere; ended ones are cleared away."""
    now = datetime.now(UTC)
    connection.execute(delete(Session).where(Session.expires < now))
    cookie = secrets.token_urlsafe(32)
    connection.execute(
        insert(Session).values(hash=hash_secret(cookie), account_id=account, created=now, expires=now + SESSION_LIFE)
    )
    return cookie


def end_session(connection: Connection, cookie: str) -> None:
    connection.execute(delete(Session).where(Session.hash == hash_secret(cookie)))
