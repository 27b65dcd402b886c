"""Signing in and out by plain forms."""

import secrets
from typing import Any

from flask import Response, redirect, request

from repository.api.accounts import set_csrf, set_session, sign_in, sign_out
from repository.api.context import CSRF_COOKIE
from repository.errors import InvalidInput, NotSignedIn
from site_builder.context import pages
from site_builder.rendering import PERSONAL, html, kept, words


def login() -> Response:
    """The form; and what it sends. The session's cookies are set by the answer that leads on."""
    if request.method != "POST":  # HEAD as well
        return _form(_next(request.args.get("next", "")))
    target = _next(request.form.get("next", ""))
    email = request.form.get("email", "")
    try:
        _identity, cookie = sign_in(email, request.form.get("password"))
    except (NotSignedIn, InvalidInput) as error:
        said = words()
        message = said.wrong_password if isinstance(error, NotSignedIn) else f"{said.email}, {said.password}?"
        return _form(target, 400, email=email, message=message)
    response: Any = redirect(target, 303)
    set_session(response, cookie)
    return kept(response, PERSONAL)


def logout() -> Response:
    if request.method != "POST":  # HEAD as well
        return _with_token("logout.html")
    response: Any = redirect(_start(), 303)
    sign_out(response)
    return kept(response, PERSONAL)


def _form(target: str, status: int = 200, *, email: str = "", message: str = "") -> Response:
    return _with_token("login.html", status, next=target, email=email, message=message)


def _with_token(template: str, status: int = 200, **values: Any) -> Response:
    """A form that carries the token of the cookie beside it; another site can read neither."""
    token = request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(24)
    response = html(template, status, csrf_token=token, **values)
    set_csrf(response, token)
    return response


def _next(given: str) -> str:
    """A path of this site, and nothing that a browser could read as another one."""
    is_local = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
    return given if is_local else _start()


def _start() -> str:
    return f"{pages().base}/"
