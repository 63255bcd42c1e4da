"""The review page as an application: which address leads where, and what is said when something is not right."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Scope

from vision.errors import MarktraceError, OutputError, UsageError
from vision.review import deeds, views
from vision.review.accounts import TooManyTries, WrongPassword
from vision.review.guard import Guard, Refusal
from vision.review.page import strip_start
from vision.review.web import (
    BLIND,
    LANGUAGE,
    Asked,
    NotAllowed,
    NotSignedIn,
    NotThere,
    Web,
    form_of,
    seen_other,
    session_cookie,
)
from vision.review.words import LANGUAGES

STATIC = {
    "review.css": "text/css",
    "review.js": "text/javascript",
    "viewer.js": "text/javascript",
    "icon.png": "image/png",
}
Form = Annotated[dict[str, str], Depends(form_of)]


def build_app(web: Web, *, public_origin: str = "") -> ASGIApp:
    """The application for a desk. public_origin is the address of a TLS proxy before it, where there is one."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    def read(path: str, view: Callable[..., Any]) -> None:
        def answer(request: Request, form: Form) -> Any:
            return view(web, web.asked(request, form))

        app.get(path)(answer)

    def does(path: str, deed: Callable[[Web, Asked], Response]) -> None:
        def answer(request: Request, form: Form) -> Any:
            return deed(web, web.asked(request, form))

        app.post(path)(answer)

    for path, view in (
        ("/", views.home),
        ("/next", views.next_mark),
        ("/groups", views.all_groups),
        ("/conflicts", views.conflicts),
        ("/log", views.log),
        ("/people", views.people),
    ):
        read(path, view)
    for path, deed in (
        ("/decide", deeds.decide),
        ("/undo", deeds.undo),
        ("/blind", deeds.read_blind),
        ("/new-mark", deeds.new_mark),
        ("/group", deeds.decide_group),
        ("/logout", _sign_out),
        ("/blind-mode", _toggle_blind),
    ):
        does(path, deed)
    _add_numbered(app, web)
    _add_signing_in(app, web)
    _add_faults(app, web)
    return Guard(app, lambda scope, refused: _refused(web, scope, refused), public_origin)


def _add_numbered(app: FastAPI, web: Web) -> None:
    """Pages and pictures of one mark or photo: addressed by number and sha256, never by a path."""

    @app.get("/mark/{number}")
    def mark(request: Request, number: int) -> Response:
        return views.mark(web, web.asked(request, {}), number)

    @app.get("/group/{number}")
    def group(request: Request, number: int) -> Response:
        return views.group(web, web.asked(request, {}), number)

    @app.get("/photo/{sha256}/{level}/{column}/{row}.jpg")
    def tile(request: Request, sha256: str, level: int, column: int, row: int) -> Response:
        web.asked(request, {})
        return views.picture(lambda: web.pictures.tile(sha256, level, column, row))

    @app.get("/marks/{number}/mark.jpg")
    def small(request: Request, number: int) -> Response:
        web.asked(request, {})
        found, _, item = views.look_up(web, number)
        return views.picture(lambda: web.pictures.mark(found.photo, _points(item.mark["outline"])))

    @app.get("/marks/{number}/strip/{half}.jpg")
    def strip(request: Request, number: int, half: int) -> Response:
        web.asked(request, {})
        found, _, item = views.look_up(web, number)
        outline, start = _points(item.mark["outline"]), strip_start(item.mark)
        return views.picture(lambda: web.pictures.strip(found.photo, outline, start, half == 1))

    @app.get("/marks/{number}/line/{place}.jpg")
    def line(request: Request, number: int, place: int) -> Response:
        web.asked(request, {})
        found, _, item = views.look_up(web, number)
        elements = item.mark["reading"]["elements"] if item.mark.get("reading") else []
        if not 0 <= place < len(elements):
            raise NotThere("plain_no_page")
        return views.picture(lambda: web.pictures.line(found.photo, _points(elements[place].get("outline", ()))))


def _add_signing_in(app: FastAPI, web: Web) -> None:
    held = {name: resources.files("vision.review").joinpath("static", name).read_bytes() for name in STATIC}

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in held:
            raise NotThere("plain_no_page")
        return Response(held[name], media_type=STATIC[name], headers={"Cache-Control": "private, max-age=600"})

    @app.get("/enter")
    def enter(request: Request, token: str = "") -> Response:
        session = web.accounts.redeem(token)
        if session is None:
            return web.login(request, 401, web.words(request)("login_token"))
        return web.cookie(seen_other("/"), session_cookie(request), session)

    @app.get("/login")
    def login(request: Request) -> Response:
        return web.login(request)

    @app.post("/login")
    def sign_in(request: Request, form: Form) -> Response:
        name, t = form.get("name", "")[:80], web.words(request)
        try:
            session = web.accounts.sign_in(name, form.get("password", "")[:1000])
        except TooManyTries:
            return web.login(request, 429, t("login_slow"), name)
        except WrongPassword:
            return web.login(request, 401, t("login_wrong"), name)
        return web.cookie(seen_other("/"), session_cookie(request), session)

    @app.post("/language")
    def language(request: Request, form: Form) -> Response:
        asked = web.asked(request, form)
        chosen = form.get("language", "")
        answer = seen_other(_own_path(asked.form.get("back", "/")))
        return web.cookie(answer, LANGUAGE, chosen) if chosen in LANGUAGES else answer


def _sign_out(web: Web, asked: Asked) -> Response:
    """End the session; the head of the log is noted, as a day's work ends here. Where it cannot be, that is said."""
    web.accounts.sign_out(asked.session)
    answer: Response = seen_other("/login")
    try:
        web.desk.note_head()
    except MarktraceError as fault:
        answer = web.login(asked.request, 200, asked.words("head_not_noted", reason=str(fault)))
    answer.delete_cookie(session_cookie(asked.request), path="/")
    return answer


def _toggle_blind(web: Web, asked: Asked) -> Response:
    answer = seen_other(_own_path(asked.form.get("back", "/next")))
    return web.cookie(answer, BLIND, "0" if asked.blind else "1")


def _own_path(path: str) -> str:
    """A path of ours; anything that a browser could take for another place is the start page."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if plain else "/"


def _add_faults(app: FastAPI, web: Web) -> None:
    """Every fault is a plain page that says what happened, with what the person had typed."""

    async def said(request: Request, fault: Exception) -> Response:
        form = await form_of(request)
        t = web.words(request)
        if isinstance(fault, NotSignedIn):
            return seen_other("/login") if request.method == "GET" else web.plain(request, 401, t("plain_form"), form)
        if isinstance(fault, NotAllowed):
            return web.plain(request, 403, t(str(fault)), form)
        if isinstance(fault, NotThere):
            return web.plain(request, 404, t(str(fault)), form)
        if isinstance(fault, OutputError):
            return web.plain(request, 503, t("plain_store", reason=str(fault)), form)
        return web.plain(request, 400, t.of(fault), form)

    async def no_page(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 404
        return web.plain(request, status, web.words(request)("plain_no_page"), await form_of(request))

    for kind in (UsageError, MarktraceError):
        app.add_exception_handler(kind, said)
    for other in (HTTPException, RequestValidationError):
        app.add_exception_handler(other, no_page)


def _refused(web: Web, scope: Scope, refused: Refusal) -> ASGIApp:
    """The plain page of a request that the guard does not let in."""
    if scope["path"].startswith(("/photo/", "/marks/", "/static/")):
        return JSONResponse({"refused": refused.sentence}, refused.status)
    return web.plain(Request(scope), refused.status, refused.sentence, {})


def _points(outline: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in outline)
