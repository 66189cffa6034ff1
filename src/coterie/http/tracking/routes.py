"""The addresses of the dialect: one for each call, and `batch` and `import` for many calls."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Final

from anyio import to_thread
from fastapi import APIRouter, Security
from starlette.requests import Request
from starlette.responses import Response

from coterie.errors import BodyTooLarge, CoterieError
from coterie.http.answer import answer, encode
from coterie.http.auth import Caller
from coterie.http.bodies import JSON, read_body
from coterie.http.decompress import too_large
from coterie.http.dialect import Dialect
from coterie.http.error_responses import error_responses
from coterie.http.problems import HttpProblem, problem_of
from coterie.http.route import EdgeRoute
from coterie.http.tracking.authentication import WriteKey, authenticate, secret_of
from coterie.http.tracking.backpressure import limit_of
from coterie.http.tracking.counters import count_messages
from coterie.http.tracking.envelope import Dropped, accepted, answer_problem
from coterie.http.tracking.ingest import Ingested, ingest
from coterie.http.tracking.lenient_json import mark_unreadable, parse, unreadable_value
from coterie.http.tracking.messages import batch_of, body_of, context_of, write_key_of
from coterie.http.tracking.shapes import DESCRIPTIONS, ERRORS, SUMMARIES, TrackingAccepted, request_body
from coterie.http.tracking.to_model import CALLS
from coterie.settings import Settings


class TrackingRoute(EdgeRoute):
    """Reads a call in this order: backpressure, the key, the body. Then a thread does the work.

    Errors are answered here, so that they have this dialect's envelope also where it is served at
    the root. The body is read as JSON whatever its media type: some trackers say `text/plain` to
    avoid a preflight, some nothing at all.
    """

    strict_query: ClassVar[bool] = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def call(request: Request) -> Response:
            try:
                limit = limit_of(request)
                limit.refuse_if_full()
                secret = secret_of(request)
                if secret is not None:
                    server = request.app.state.server
                    request.state.caller = await to_thread.run_sync(authenticate, server, secret)
                request.state.body = await _read_body(request)
                with limit.entered():
                    return await handle(request)
            except CoterieError as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                return answer_problem(request, problem)

        return call


async def _read_body(request: Request) -> bytes:
    settings: Settings = request.app.state.server.settings
    limit = settings.tracking_body_bytes_max
    try:
        return await read_body(request, limit=limit, wait_for=settings.body_waited_for)
    except BodyTooLarge as error:
        raise too_large(limit, "tracking_body_bytes_max") from error


def _receive(request: Request, kind: str | None) -> Response:
    """Handle one call, in a thread. `kind` is None for a batch."""
    server = request.app.state.server
    settings: Settings = server.settings
    document, malformed = parse(request.state.body)
    body = body_of(document)
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        caller = request.state.caller = authenticate(server, write_key_of(body))
    if malformed is not None and kind is None:
        shared = {key: value for key, value in body.items() if key != "batch"}
        if unreadable_value(shared) is not None:
            raise malformed
    context = context_of(body, caller.workspace.now(), settings)
    raw: Sequence[object] = batch_of(body, settings) if kind is None else [body]
    if malformed is not None:
        raw = mark_unreadable(raw)
    ingested = ingest(caller.workspace, raw, kind, context, settings, _render)
    count_messages(request, caller, ingested)
    return _answer(request, kind, ingested)


def _render(dropped: Sequence[Dropped]) -> bytes:
    return encode(accepted(dropped))


def _answer(request: Request, kind: str | None, ingested: Ingested) -> Response:
    """A batch is accepted whatever was dropped of it; a single call that is dropped is an error."""
    if ingested.answer is not None:
        return Response(ingested.answer, media_type=JSON)
    if kind is not None and ingested.dropped:
        problem = ingested.dropped[0].problem
        return answer_problem(request, HttpProblem(400, problem.code, problem.message, (problem,)))
    return answer(accepted(ingested.dropped))


router = APIRouter(route_class=TrackingRoute, prefix="/v1", tags=["tracking"], dependencies=[Security(WriteKey())])


def _declare(call: str) -> None:
    kind = call if call in CALLS else None

    def receive(request: Request) -> Response:
        return _receive(request, kind)

    router.add_api_route(
        f"/{call}",
        receive,
        methods=["POST"],
        name=f"tracking_{call}",
        summary=SUMMARIES[call],
        description=DESCRIPTIONS[call],
        response_model=TrackingAccepted,
        responses=error_responses(ERRORS, ERRORS.meanings),
        openapi_extra=request_body(call),
    )


for _call in SUMMARIES:
    _declare(_call)

DIALECT: Final = Dialect(name="tracking", prefix="/tracking", router=router, answer_problem=answer_problem)
