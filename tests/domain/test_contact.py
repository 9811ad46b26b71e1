"""Which addresses notices are sent to."""

from __future__ import annotations

import pytest

from shared.domain.errors import Invalid
from shared.domain.workspace.contact import checked_address


@pytest.mark.parametrize(
    "address",
    [
        "ops@shop.example",
        "o'brien+mcp@mail.shop.example",
        "first.last@xn--bcher-kva.example",
        f"{'x' * 64}@shop.example",
        "x@a.b",
    ],
)
def test_a_plain_address_is_taken_as_it_is(address: str) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ops",
        "ops@",
        "@shop.example",
        "ops@localhost",
        "ops@shop.example.",
        "ops@-shop.example",
        "ops@shop..example",
        ".ops@shop.example",
        "ops.@shop.example",
        "a..b@shop.example",
        "a@b@shop.example",
        " ops@shop.example",
        "ops@shop.example\n",
        "ops@shop.example\r\nBcc: all@shop.example",
        "ops@shop.example, all@shop.example",
        "Ops <ops@shop.example>",
        '"ops"@shop.example',
        "ops(x)@shop.example",
        "öps@shop.example",
        "ops@bücher.example",
        "ops@[127.0.0.1]",
        "ops\x00@shop.example",
        f"{'x' * 65}@shop.example",
        f"ops@{'x' * 64}.example",
        f"ops@{'x.' * 130}example",
    ],
)
def test_anything_else_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_address(text)

    assert (refused.value.code, refused.value.field) == ("email_invalid", "email")
    assert not text or text not in refused.value.message


def test_a_long_text_is_refused_at_once() -> None:
    with pytest.raises(Invalid):
        checked_address("a" * 1_000_000 + "!")
