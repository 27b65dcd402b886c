"""Accounts of people, made by an operator, and their tokens."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from repository.auth.identity import Identity, hash_password, hash_secret
from repository.errors import FieldError, InvalidInput, NotFound
from repository.services.instance import Instance
from repository.storage.models import Account, Token

SHORTEST_PASSWORD = 8


def create_account(instance: Instance, email: str, password: str, *, name: str = "", admin: bool = False) -> Identity:
    """Raises InvalidInput for an address that is none or is taken, and for a short password."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254 or any(character.isspace() for character in email):
        raise InvalidInput("That is no e-mail address.", [FieldError("email", ("Not a valid e-mail address.",))])
    if len(password) < SHORTEST_PASSWORD:
        message = f"A password has at least {SHORTEST_PASSWORD} characters."
        raise InvalidInput(message, [FieldError("password", (message,))])
    row = {
        "email": email,
        "name": name,
        "password": hash_password(password),
        "admin": admin,
        "active": True,
        "created": datetime.now(UTC),
    }
    with instance.database.write() as connection:
        if connection.execute(select(Account.id).where(Account.email == email)).first() is not None:
            raise InvalidInput(f"There is an account {email} already.", [FieldError("email", ("Is taken.",))])
        account = connection.execute(insert(Account).values(**row).returning(Account.id)).scalar_one()
    return Identity(account, email, name, admin)


def ensure_admin(instance: Instance, email: str) -> str | None:
    """Makes sure that the account exists and administrates; returns the password if one had to be generated."""
    identity = find_account(instance, email)
    if identity is None:
        password = secrets.token_urlsafe(12)
        create_account(instance, email, password, admin=True)
        return password
    with instance.database.write() as connection:
        connection.execute(update(Account).where(Account.id == identity.id).values(admin=True))
    return None


def find_account(instance: Instance, email: str) -> Identity | None:
    with instance.database.read() as connection:
        row = connection.execute(
            select(Account.id, Account.email, Account.name, Account.admin).where(Account.email == email.strip().lower())
        ).one_or_none()
    return Identity(*row) if row is not None else None


def create_token(instance: Instance, email: str, name: str = "") -> str:
    """A new bearer token with the account's full rights; it is shown this once and stored only as a hash."""
    identity = find_account(instance, email)
    if identity is None:
        raise NotFound(f"There is no account {email}.")
    token = secrets.token_urlsafe(32)
    with instance.database.write() as connection:
        connection.execute(
            insert(Token).values(
                hash=hash_secret(token),
                account_id=identity.id,
                name=name or "token",
                created=datetime.now(UTC),
                expires=None,
            )
        )
    return token


def set_password(instance: Instance, email: str, password: str) -> None:
    """Raises NotFound."""
    with instance.database.write() as connection:
        statement = update(Account).where(Account.email == email.strip().lower())
        if connection.execute(statement.values(password=hash_password(password))).rowcount == 0:
            raise NotFound(f"There is no account {email}.")


def revoke_tokens(instance: Instance, email: str, name: str) -> None:
    """Ends all tokens of this name that the account has."""
    holder = select(Account.id).where(Account.email == email.strip().lower()).scalar_subquery()
    with instance.database.write() as connection:
        connection.execute(delete(Token).where(Token.account_id == holder, Token.name == name))
