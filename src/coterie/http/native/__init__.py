"""Our own dialect, `/v1`.

    routes        one file a resource: what each address takes and answers
    shapes        one file a resource: the JSON of inputs and answers, from and to the model
    batch_bodies batch_answers      bodies with many items, and the outcome of each
    parameters    ids, pages and instants in addresses
    envelope      errors, as RFC 9457 says

To add a resource: its shapes, a file with its routes, and a line in `routes/__init__.py`.
"""

from __future__ import annotations

from coterie.http.dialect import Dialect
from coterie.http.native.envelope import answer_problem
from coterie.http.native.routes import router

DIALECT = Dialect(name="native", prefix="/v1", router=router, answer_problem=answer_problem)
