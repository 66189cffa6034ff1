"""The edge: the only place that knows HTTP, and the only place with `async` in it.

A *dialect* is one wire dialect over the same workspaces: `native` (our own, `/v1`) and the compatible ones. What every dialect
shares lives beside this file: the application (`app.py`), keys (`auth.py`), bounded bodies (`bodies.py`), what goes wrong
(`errors.py`, `problems.py`), writes that happen once (`idempotency.py`), pages (`paging.py`), logs, metrics, the docs page.

How a dialect plugs in: one folder and one line.

* The folder has `schema.py` (shapes), `translate.py` (pure, both ways, between shapes and `model.py`), `routes.py`, and ends in a
  `DIALECT = Dialect(name=..., prefix="/...", router=..., answer_problem=...)` (`dialect.py`).
* The line adds that `DIALECT` to `DIALECTS` in `app.py`.

What a route of a dialect looks like::

    router = APIRouter(route_class=EdgeRoute)                     # keys, bounded bodies, exact JSON, strict queries

    @router.post("/segments", status_code=201, dependencies=[needs(Scope.WRITE)], response_model=schema.Segment)
    def create_segment(body: schema.NewSegment, workspace: WorkspaceOfKey) -> Response:
        ...                                                       # a plain function: it runs in a thread, the core is synchronous
        return answer(translate.segment_out(segment), status=201)

Errors are raised, never returned: any `CoterieError`, FastAPI's validation errors, unknown routes and unexpected failures all become a
`HttpProblem` (status, code, message, problems with paths, headers) and the dialect under whose prefix the request fell draws it in its own
envelope with `answer_problem`. A path parameter that is not of its type is a 404.
"""
