"""The docs page loads nothing from anywhere else, and what it loads is there."""

from __future__ import annotations

import re

from tests.unit.http.edge.toy import client


def test_the_page_names_no_other_host_and_everything_it_loads_is_served() -> None:
    toy = client()
    page = toy.get("/docs")
    assert page.status_code == 200
    assert "http:" not in page.text
    assert "https:" not in page.text
    loads = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(loads) == 3
    for address in loads:
        assert toy.get(address).status_code == 200, address
    start = toy.get("/docs/start.js").text
    assert 'url: "/openapi.json"' in start
    assert "validatorUrl: null" in start
    assert "//" not in start


def test_the_policy_lets_the_page_load_from_here_only() -> None:
    policy = client().get("/docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "script-src" not in policy
    assert "http" not in policy


def test_only_the_pages_own_files_are_served() -> None:
    toy = client()
    for name in ("redoc.standalone.js", "../__init__.py", "..%2f__init__.py", "nothing.css"):
        assert toy.get(f"/docs/{name}").status_code == 404, name
