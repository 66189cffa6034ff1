"""The addresses of the dialect: one for each call, and `batch` and `import`, which take many of any kind."""

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
from coterie.http.dialect import Dialect
from coterie.http.error_responses import error_responses
from coterie.http.problems import HttpProblem, problem_of
from coterie.http.route import EdgeRoute
from coterie.http.tracking import schema
from coterie.http.tracking.admission import WriteKey, caller_by, room_of, secret_of
from coterie.http.tracking.envelope import Dropped, accepted, answer_problem
from coterie.http.tracking.loosely import fault_in, parse, told_apart
from coterie.http.tracking.put import Outcome, put
from coterie.http.tracking.reading import body_of, messages_of, request_of, write_key_of
from coterie.http.tracking.report import report
from coterie.http.tracking.translate import CALLS
from coterie.settings import Settings


class TrackingRoute(EdgeRoute):
    """How a call is read: is there room, then the key, then the body; only then a thread does the work.

    What is raised is drawn here, so that the envelope is this dialect's also where the dialect is served at the root. The body is taken for
    JSON whatever it is called: some trackers say `text/plain` to be spared a preflight, some nothing at all.
    """

    strict_query: ClassVar[bool] = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def call(request: Request) -> Response:
            try:
                room = room_of(request)
                room.refuse_if_full()
                secret = secret_of(request)
                if secret is not None:
                    request.state.caller = await to_thread.run_sync(caller_by, request.app.state.server, secret)
                request.state.body = await _body(request)
                with room.entered():
                    return await handle(request)
            except CoterieError as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                return answer_problem(request, problem)

        return call


async def _body(request: Request) -> bytes:
    settings: Settings = request.app.state.server.settings
    limit = settings.tracking_body_bytes_max
    try:
        return await read_body(request, limit=limit, wait_for=settings.body_waited_for)
    except BodyTooLarge as error:
        raise BodyTooLarge(
            f"The body is larger than {limit:,} bytes (tracking_body_bytes_max), which counts after decompression too.",
            hint=error.hint,
        ) from error


def _receive(request: Request, kind: str | None) -> Response:
    """The whole of a call, in a thread. `kind` is None for a batch."""
    server = request.app.state.server
    settings: Settings = server.settings
    document, doubt = parse(request.state.body)
    body = body_of(document)
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        caller = request.state.caller = caller_by(server, write_key_of(body))
    if doubt is not None and kind is None and fault_in({key: one for key, one in body.items() if key != "batch"}):
        raise doubt  # what the messages share cannot be read
    shared = request_of(body, caller.workspace.now())
    raw: Sequence[object] = messages_of(body, settings) if kind is None else [body]
    if doubt is not None:
        raw = told_apart(raw)
    outcome = put(caller.workspace, raw, kind, shared, settings, _rendered)
    report(request, caller, outcome)
    return _answered(request, kind, outcome)


def _rendered(dropped: Sequence[Dropped]) -> bytes:
    return encode(accepted(dropped))


def _answered(request: Request, kind: str | None, outcome: Outcome) -> Response:
    """A batch is taken in whatever is dropped of it; of a single call there is nothing else to take in."""
    if outcome.answer is not None:
        return Response(outcome.answer, media_type=JSON)
    if kind is not None and outcome.dropped:
        problem = outcome.dropped[0].problem
        return answer_problem(request, HttpProblem(400, problem.code, problem.message, (problem,)))
    return answer(accepted(outcome.dropped))


SUMMARIES: Final = {
    "identify": "Who somebody is, and their traits",
    "track": "Something somebody did",
    "page": "A page somebody saw",
    "screen": "A screen of an app somebody saw",
    "group": "A group somebody belongs to",
    "alias": "Two ids of one person",
    "batch": "Many calls of any kind",
    "import": "The same as batch, by its older name",
}

router = APIRouter(route_class=TrackingRoute, prefix="/v1", tags=["tracking"], dependencies=[Security(WriteKey())])


def _add(name: str) -> None:
    kind = name if name in CALLS else None

    def receive(request: Request) -> Response:
        return _receive(request, kind)

    router.add_api_route(
        f"/{name}",
        receive,
        methods=["POST"],
        name=f"tracking_{name}",
        summary=SUMMARIES[name],
        description=schema.DESCRIPTIONS.get(name),
        response_model=schema.TrackingAccepted,
        responses=error_responses(schema.ERRORS, schema.ERRORS.meanings),
        openapi_extra=schema.body_of(name),
    )


for _name in SUMMARIES:
    _add(_name)

DIALECT: Final = Dialect(name="tracking", prefix="/tracking", router=router, answer_problem=answer_problem)
