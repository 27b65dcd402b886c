"""Signing in and out over REST, and who one is."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request

from repository.api.answers import json_answer
from repository.api.bodies import json_object
from repository.api.context import CSRF_COOKIE, SESSION_COOKIE, address, count, instance, who
from repository.auth import identity
from repository.auth.identity import SESSION_LIFE, Identity
from repository.errors import INVALID, FieldError, Forbidden, InvalidInput, NotSignedIn


def login() -> Response:
    """Takes `{email, password}` as a form or as JSON; answers who one is, with the session's cookies."""
    _refuse_other_sites()
    form = request.form.to_dict() if request.mimetype == "application/x-www-form-urlencoded" else json_object()
    try:
        signed_in, cookie = sign_in(form.get("email"), form.get("password"))
    except NotSignedIn as error:
        raise InvalidInput(INVALID, [FieldError("email", (error.message,))]) from error
    response = json_answer(_account(signed_in))
    set_session(response, cookie)
    return response


def logout() -> Response:
    _refuse_other_sites()
    response = json_answer({"message": "User logged out."})
    sign_out(response)
    return response


def _refuse_other_sites() -> None:
    """A page of another origin may not sign its visitor in as somebody else, nor out. Raises Forbidden.

    Browsers that do not say `Sec-Fetch-Site` name the page's origin; clients that are no browsers say neither. Before a
    site that is reached by https a proxy may end TLS: its requests come as http, its pages never do.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is not None:
        address = urlsplit(instance().settings.site_url)
        ours = {f"{address.scheme}://{address.netloc}", f"{'https' if _secure() else request.scheme}://{request.host}"}
        site = "same-origin" if origin.lower() in {own.lower() for own in ours} else "cross-site"
    if site not in (None, "none", "same-origin"):
        raise Forbidden("Signing in and out is for this site's own pages.")


def me() -> Response:
    signed_in = who()
    if signed_in is None:
        raise NotSignedIn("The server could not verify that you are authorized to access the URL requested.")
    return json_answer(_account(signed_in))


def sign_in(email: Any, password: Any) -> tuple[Identity, str]:
    """Opens a session. Raises NotSignedIn; TooMany; InvalidInput where something is not even given.

    Attempts are counted by address, and by address and account: counted by account alone, anybody could lock it.
    """
    missing = [
        FieldError(name, ("Missing data for required field.",))
        for name, value in (("email", email), ("password", password))
        if not isinstance(value, str) or not value
    ]
    if missing:
        raise InvalidInput(INVALID, missing)
    settings, asking = instance().settings, address()
    count(f"login {asking}", settings.limits_login)
    count(f"login {asking} {email.strip().lower()}", settings.limits_login_account)
    if "\x00" in email:
        raise NotSignedIn("Unknown e-mail address or wrong password.")
    database = instance().database
    with database.read() as connection:
        signed_in = identity.by_password(connection, email, password)
    with database.write() as connection:
        return signed_in, identity.start_session(connection, signed_in.id)


def sign_out(response: Response) -> None:
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        with instance().database.write() as connection:
            identity.end_session(connection, cookie)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=_secure())
    response.delete_cookie(CSRF_COOKIE, samesite="Lax", secure=_secure())


def set_session(response: Response, cookie: str) -> None:
    age = int(SESSION_LIFE.total_seconds())
    response.set_cookie(SESSION_COOKIE, cookie, max_age=age, httponly=True, samesite="Lax", secure=_secure())
    set_csrf(response, secrets.token_urlsafe(24))


def set_csrf(response: Response, value: str) -> None:
    """The page's own scripts read this cookie and send it back as a header; other sites can't."""
    response.set_cookie(CSRF_COOKIE, value, samesite="Lax", secure=_secure())
    response.headers["Cache-Control"] = "private, no-store"


def _secure() -> bool:
    return instance().settings.site_url.startswith("https://")


def _account(signed_in: Identity) -> dict[str, Any]:
    roles = ["administration"] if signed_in.admin else []
    return {"id": signed_in.id, "email": signed_in.email, "profile": {"full_name": signed_in.name}, "roles": roles}
