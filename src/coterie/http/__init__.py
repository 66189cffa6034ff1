"""The edge: the only place that knows HTTP, and the only place with `async` in it.

A *dialect* is one wire format over the same workspaces: `native` (our own, `/v1`) and the
compatible ones. What they share is beside this file:

    app               the application, which mounts the dialects
    routing route     how a route is declared, and how it reads a request
    auth bodies decompress          keys, and bounded bodies
    idempotency       writes that happen once
    problems problem_paths errors   from anything raised to an `HttpProblem`, and its status
    problem_collector error_responses       all problems of a body; errors in the API description
    record metrics logging health   what is recorded of each request
    description docs_page           the API description, and a page to read it

A dialect is a folder and a line. The folder ends in `DIALECT = Dialect(name=..., prefix="/...",
router=..., answer_problem=...)` (`dialect.py`), the line adds it to `DIALECTS` in `app.py`. A route
of a dialect::

    routes = Routes(ERRORS, prefix="/segments")

    @routes.post("", "Create a segment", scope=Scope.WRITE, status=201, answers=Segment)
    def create_segment(body: NewSegment, workspace: WorkspaceOfKey) -> Response:
        ...                     # not async: it runs in a thread, since the core blocks
        return answer(Segment.of(segment), 201)

Errors are raised, never returned. Every `CoterieError`, FastAPI's validation errors, unknown routes
and unexpected failures become an `HttpProblem`, which the dialect that owns the path renders in its
own envelope with `answer_problem`. A path parameter of the wrong type is a 404.
"""
