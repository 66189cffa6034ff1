"""Our own face, `/v1`: one router per resource, shapes in `schema.py`, model objects to JSON and back in `translate.py`."""

from __future__ import annotations

from fastapi import APIRouter

from coterie.http.face import Face
from coterie.http.native.problem import answer_fault

FACE = Face(name="native", prefix="/v1", router=APIRouter(), answer_fault=answer_fault)
