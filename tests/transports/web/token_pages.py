"""What tests of a token's pages share: a token, where it is shown, and the secret that stands on a page."""

from __future__ import annotations

import re

from shared.domain.scopes import Scope
from shared.domain.token.state import Token
from tests.data.tenants import A_DAY, NOON, token
from tests.transports.web.web import SETTINGS, Page, Web

FIVE = (Scope.PNL, Scope.ADS, Scope.PRODUCTS, Scope.CUSTOMERS, Scope.ACTIVITY)


def made(
    web: Web, *, owner: str = "olivia", name: str = "CI", age: int = 20, scopes: tuple[Scope, ...] = FIVE
) -> Token:
    return token(web.stores, owner=owner, name=name, scopes=scopes, days=90, at=NOON - age * A_DAY).token


def here(token: Token, *more: str) -> str:
    return "/".join((SETTINGS, "tokens", token.token_id, *more))


def now_of(web: Web, token: Token) -> Token:
    row = web.stores.tokens.get(token.token_id)
    assert row is not None
    return row.token


def secret_on(page: Page) -> str:
    found = re.search(r'id="secret" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]
