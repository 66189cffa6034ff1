"""What a refusal says of the address and of the place in the body."""

from __future__ import annotations

from tests.unit.http.native.api import ABSENT, Api


def test_allow_names_every_method_of_an_address_that_several_routes_share(api: Api) -> None:
    answered = api.call("PATCH", "/profiles")
    assert (answered.status_code, answered.headers["Allow"]) == (405, "GET, POST")
    assert answered.json()["hint"] == "It accepts GET, POST."


def test_an_unknown_member_is_named_by_its_place_in_the_body(api: Api) -> None:
    chosen, ada = api.segment(), api.put(external_id="ada")
    for what in ("add", "remove"):
        refused = api.refused("POST", f"/segments/{chosen}/members/{what}", {"profile_ids": [ada, ABSENT]})
        assert refused == (404, "not_found", "profile_ids.1")
    assert api.refused("POST", f"/segments/{ABSENT}/members/add", {"profile_ids": [ada]}) == (404, "not_found", None)
