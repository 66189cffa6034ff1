"""Lists, page by page: `data`, `links` and `meta` at every edge."""

from __future__ import annotations

import pytest

from tests.unit.http.sendkit.harness import BASE, Json, World, reserved


@pytest.fixture(scope="module")
def thirty(still: World) -> World:
    """Thirty contacts, all of them on one list, in one segment."""
    newsletter = still.make_list()
    for number in range(30):
        still.clock.advance(1)
        still.make_contact(f"{number:02}@b.c", list_ids=[newsletter])
    still.make_segment(reserved("list", "equals", newsletter))
    return still


def test_the_first_page_of_two(thirty: World) -> None:
    page = thirty.get("/contacts")
    assert list(page) == ["data", "links", "meta"]
    assert [contact["email"] for contact in page["data"]] == [f"{number:02}@b.c" for number in range(25)]
    assert page["links"] == {
        "first": f"{BASE}/contacts?page=1",
        "last": f"{BASE}/contacts?page=2",
        "prev": None,
        "next": f"{BASE}/contacts?page=2",
    }
    assert list(page["links"]) == ["first", "last", "prev", "next"]
    assert page["meta"] == {
        "current_page": 1, "from": 1, "last_page": 2, "per_page": 25, "to": 25, "total": 30, "path": f"{BASE}/contacts",
    }  # fmt: skip
    assert list(page["meta"]) == ["current_page", "from", "last_page", "per_page", "to", "total", "path"]


def test_the_last_page(thirty: World) -> None:
    page = thirty.get("/contacts?page=2")
    assert [contact["email"] for contact in page["data"]] == [f"{number:02}@b.c" for number in range(25, 30)]
    assert (page["links"]["prev"], page["links"]["next"]) == (f"{BASE}/contacts?page=1", None)
    assert (page["meta"]["from"], page["meta"]["to"], page["meta"]["current_page"]) == (26, 30, 2)


def test_a_page_past_the_end_is_empty(thirty: World) -> None:
    page = thirty.get("/contacts?page=7&per_page=10")
    assert page["data"] == []
    assert (page["meta"]["from"], page["meta"]["to"], page["meta"]["last_page"], page["meta"]["total"]) == (
        None,
        None,
        3,
        30,
    )
    assert page["links"]["next"] is None


def test_links_keep_per_page_when_it_was_given(thirty: World) -> None:
    page = thirty.get("/contacts?page=2&per_page=10")
    assert page["links"] == {
        "first": f"{BASE}/contacts?per_page=10&page=1",
        "last": f"{BASE}/contacts?per_page=10&page=3",
        "prev": f"{BASE}/contacts?per_page=10&page=1",
        "next": f"{BASE}/contacts?per_page=10&page=3",
    }
    assert page["meta"]["path"] == f"{BASE}/contacts"
    assert (page["meta"]["from"], page["meta"]["to"]) == (11, 20)


def test_following_next_sees_everyone_once(thirty: World) -> None:
    seen: list[str] = []
    link: str | None = f"{BASE}/contacts?per_page=7"
    while link:
        page = thirty.get(link.removeprefix(BASE))
        seen += [contact["email"] for contact in page["data"]]
        link = page["links"]["next"]
    assert seen == [f"{number:02}@b.c" for number in range(30)]


def test_every_list_is_paged(thirty: World) -> None:
    contact = thirty.get("/contacts")["data"][0]["id"]
    saved = thirty.get("/segments")["data"][0]["id"]
    thirty.make_property(f"key{len(thirty.workspace.properties.list())}")
    for path, total in (("/contacts", 30), (f"/segments/{saved}/contacts", 30), (f"/contacts/{contact}/lists", 1),
        ("/lists", 1),
                        ("/segments", 1), ("/properties", None)):  # fmt: skip
        page = thirty.get(f"{path}?per_page=1&page=1")
        assert len(page["data"]) == 1
        assert page["meta"]["total"] == (total or len(thirty.get("/properties")["data"]))
        assert page["meta"]["path"] == f"{BASE}{path}"
        assert page["links"]["last"] == f"{BASE}{path}?per_page=1&page={page['meta']['last_page']}"


def test_a_list_of_nothing_has_one_empty_page(world: World) -> None:
    for path in ("/contacts", "/properties", "/lists", "/segments"):
        page = world.get(path)
        assert page["data"] == []
        assert page["links"] == {
            "first": f"{BASE}{path}?page=1", "last": f"{BASE}{path}?page=1", "prev": None, "next": None,
        }  # fmt: skip
        assert page["meta"] == {
            "current_page": 1, "from": None, "last_page": 1, "per_page": 25, "to": None, "total": 0,
            "path": f"{BASE}{path}",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=", "page"), ("page=1.5", "page"),
        ("page=99999999999999999999", "page"),
        ("per_page=0", "per_page"), ("per_page=101", "per_page"), ("per_page=x", "per_page"), ("limit=10", "limit"),
        ("page=1&page=2", "page"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused(thirty: World, query: str, path: str) -> None:
    for address in ("/contacts", "/lists"):
        refused: Json = thirty.get(f"{address}?{query}", status=422)
        assert refused["name"] == "validation_error"
        assert set(refused["errors"]) == {path}
