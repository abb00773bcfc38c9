"""The gate: which requests the HTTP server takes."""

from __future__ import annotations

import pytest

from bridge.http.gate import CUSTOM_HEADER, Gate, is_valid
from bridge.http.token import TokenFileError, load_token

TOKEN = "0123456789abcdef0123456789abcdef"
HOST = "127.0.0.1:7502"


def judge(headers, method="GET", token=None, is_public=False):
    refusal = Gate(token).judge(method, {"Host": HOST, **headers}, is_public=is_public)
    return None if refusal is None else refusal.status


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:7502", "127.1.2.3", "localhost:80", "LOCALHOST", "[::1]:7502", "[::1]"]
)
def test_on_loopback_each_name_of_this_machine_is_taken(host):
    assert judge({"Host": host}) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7502", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", ":7502",
     "127.0.0.1:x", "evil.example:80:127.0.0.1", "[::1", "0.0.0.0"],
)  # fmt: skip
def test_a_name_that_was_bound_to_loopback_later_is_refused(host):
    assert judge({"Host": host}) == 421


def test_a_request_without_host_is_refused():
    assert Gate(None).judge("GET", {}, is_public=True).status == 400


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_other_sites_are_refused(headers, method):
    assert judge({**headers, CUSTOM_HEADER: "1"}, method) == 403
    assert judge(headers, method, TOKEN, is_public=True) == 403


LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def test_a_link_of_another_site_may_open_a_public_page_and_nothing_else():
    assert judge(LINK, is_public=True) is None
    assert judge(LINK) == 403
    assert judge({**LINK, CUSTOM_HEADER: "1"}, "POST", is_public=True) == 403
    assert judge({**LINK, "Sec-Fetch-Dest": "iframe"}, is_public=True) == 403
    assert judge({**LINK, "Sec-Fetch-Mode": "no-cors"}, is_public=True) == 403
    assert judge({**LINK, "Host": "evil.example"}, is_public=True) == 421


@pytest.mark.parametrize(
    "headers", [{"Origin": f"http://{HOST}"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_own_pages_are_taken(headers):
    assert judge(headers) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_may_change_something_needs_the_custom_header(method):
    assert judge({}, method) == 403
    assert judge({CUSTOM_HEADER: "1"}, method) is None


def test_with_a_token_everything_but_the_health_checks_needs_it():
    assert judge({}, token=TOKEN) == 401
    assert judge({"Authorization": f"Bearer {TOKEN}x"}, token=TOKEN) == 401
    assert judge({"Authorization": f"Bearer {TOKEN}"}, token=TOKEN) is None
    assert judge({"Authorization": f"Bearer {TOKEN}", "Host": "bridge:7502"}, token=TOKEN) is None
    assert judge({}, token=TOKEN, is_public=True) is None
    assert not Gate(TOKEN).is_known({})
    assert Gate(None).is_known({})


@pytest.mark.parametrize(
    "header",
    [None, "", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", "Bearer \udce9", "Bearer é"],
)
def test_wrong_tokens(header):
    assert not is_valid(header, TOKEN)


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} "])
def test_right_tokens(header):
    assert is_valid(header, TOKEN)


def file(tmp_path, text, mode=0o600):
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_token_file_has_one_line(tmp_path):
    assert load_token(file(tmp_path, f"{TOKEN}\n")) == TOKEN


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 31, "x" * 257, f"{TOKEN}\n{TOKEN}", f"{TOKEN} x", "é" * 32, f"{TOKEN}\0"]
)
def test_other_token_files_are_refused_and_never_shown(tmp_path, text):
    with pytest.raises(TokenFileError, match="expected one line") as caught:
        load_token(file(tmp_path, text))
    assert TOKEN not in str(caught.value)


def test_a_token_file_that_others_can_read_is_refused(tmp_path):
    with pytest.raises(TokenFileError, match="chmod 600"):
        load_token(file(tmp_path, TOKEN, 0o640))
    with pytest.raises(TokenFileError, match="No such file"):
        load_token(tmp_path / "none")


def test_a_token_file_that_a_container_mounts_is_taken_as_a_key_file_is(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "tws_bridge_client.secret_files._is_mounted", lambda path, status: status.st_mode & 0o777 == 0o444
    )
    assert load_token(file(tmp_path, TOKEN, 0o444)) == TOKEN
    with pytest.raises(TokenFileError, match="chmod 600"):
        load_token(file(tmp_path, TOKEN, 0o440))
