"""What is thrown at the pages and at OAuth, and what may come of it whatever it was."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from fastapi.openapi.utils import get_openapi
from hypothesis import strategies as st

from shared.services.sessions.session import begin_session, find_session, form_key
from shared.transports.web.app import build_pages
from shared.transports.web.visitors import SESSION_COOKIE
from shared.transports.web.walls import HEADERS
from tests.data.tenants import KEYS
from tests.security.product import Answered, Product
from tests.transports.mcp.shop import PLACE

FORM = "application/x-www-form-urlencoded"
SECRET = "mfp_1SecretThatSomebodySentWhereNoneBelongs"
BREAKOUTS = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "{{7*7}}{% include '/etc/passwd' %}",
    "</textarea><svg/onload=alert(1)>",
)
EVIL = "evil.test"
ADDRESSES = (
    f"https://{EVIL}/",
    f"//{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/dashboard/..//{EVIL}",
    f"/dashboard/\t//{EVIL}",
    f"/\t/{EVIL}",
    f"https:{EVIL}",
    f"https://api.test@{EVIL}/",
    f"/dashboard/@{EVIL}/../../..//{EVIL}",
    f"{PLACE.public_url}.{EVIL}/",
    f"javascript:alert(document.domain)//{EVIL}",
    f"data:text/html,<script>location='https://{EVIL}'</script>",
    f"/dashboard/\r\nLocation: https://{EVIL}",
    f"http://127.0.0.1:33418@{EVIL}/callback",
    f"http://127.0.0.1:33418\\@{EVIL}/callback",
    f"http://127.0.0.1.{EVIL}/callback",
    f"http://[::1]:80:{EVIL}/",
    f"http://localhost#@{EVIL}/",
    f"http://127.0.0.1:33418/callback/../../{EVIL}",
    "https://\uff45\uff56\uff49\uff4c.test/",
    f"vbscript:msgbox('{EVIL}')",
    f"file:///etc/passwd#{EVIL}",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:33418/callback%0d%0aSet-Cookie:%20a=b",
)
INTERNALS = ("Traceback", "sqlite", "site-packages", "pydantic.", "botocore", "/shared/", "jinja2")

words = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [*BREAKOUTS, *ADDRESSES, SECRET, "", "\0", "a\r\nSet-Cookie: a=b", "\u202eevil", "\ud83d", "%00%0d"]
    ),
    st.integers(10, 3_000).map("x".__mul__),
    st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
)
"""Texts as strangers send them."""
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


def pairs(*names: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Give parameters: of these names, twice or never, and of any other."""
    return st.lists(st.tuples(st.one_of(st.sampled_from(names), words), words), max_size=8)


def encoded(fields: list[tuple[str, str]]) -> str:
    """Write a form, also of what is no text."""
    return urlencode(
        [(name.encode(errors="surrogatepass"), text.encode(errors="surrogatepass")) for name, text in fields]
    )


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Somebody's browser, or nobody's."""

    product: Product
    session_id: str | None = None

    @classmethod
    def of(cls, product: Product, subject: str = "olivia") -> Browser:
        """Sign somebody in."""
        session_id = begin_session(
            issuer=product.issuer.url,
            subject=subject,
            person=None,
            replacing=None,
            now=product.clock(),
            sessions=product.stores.sessions,
        )
        return cls(product=product, session_id=session_id)

    @property
    def form_key(self) -> str:
        session = find_session(self.session_id, now=self.product.clock(), sessions=self.product.stores.sessions)
        assert session is not None
        return form_key(session, KEYS)

    def get(self, path: str, fields: list[tuple[str, str]]) -> Answered:
        return self.product.ask("GET", path, self._headers, query=encoded(fields))

    def post(self, path: str, fields: list[tuple[str, str]], *, key: str | None = None) -> Answered:
        """Send a form, with the key of the session or another."""
        keyed = [("csrf", self.form_key if key is None else key), *fields]
        headers = [*self._headers, ("origin", PLACE.public_url), ("content-type", FORM)]
        return self.product.ask("POST", path, headers, encoded(keyed))

    @property
    def _headers(self) -> list[tuple[str, str]]:
        return [("cookie", f"{SESSION_COOKIE}={self.session_id}")] if self.session_id is not None else []


ROUTES: list[tuple[str, str]] = []
"""Of the pages, read once."""


def routes_of_pages(product: Product) -> list[tuple[str, str]]:
    """Give method and path of every page, form and endpoint there is."""
    if not ROUTES:
        app = build_pages(product.parts)
        paths: dict[str, dict[str, object]] = get_openapi(title="", version="", routes=app.routes)["paths"]
        ROUTES.extend(sorted((method.upper(), path) for path, item in paths.items() for method in item))
    return ROUTES


def check_sound(answer: Answered, product: Product, *, redirect: str | None = None) -> None:
    """Hold an answer against what holds whatever was asked; `redirect` is where an app is answered."""
    assert answer.status < 500, answer.text
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert not [name for name in HEADERS if name.lower() not in headers]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert not [value for value in (*headers.values(), *answer.cookies) if re.search(r"[\r\n\0]", value)]
    for cookie in answer.cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}
    if "location" in headers:
        assert is_allowed(headers["location"], product, redirect), headers["location"]
    if headers.get("content-type", "").startswith("text/html"):  # what is JSON says so, and nobody may guess otherwise
        assert not [breakout for breakout in BREAKOUTS if breakout in answer.text]
    for address in re.findall(r'(?:href|src|action|formaction)="([^"]*)"', answer.text):
        assert is_allowed(html.unescape(address), product, redirect), address
    assert not [word for word in INTERNALS if word in answer.text]
    assert SECRET not in "\n".join(answer.logged)


def is_allowed(address: str, product: Product, redirect: str | None) -> bool:
    """Tell whether a browser that reads an address in its own way ends at us, at our issuer, or at the app."""
    read = re.sub(r"[\t\r\n]", "", address.strip()).replace("\\", "/")
    if read.startswith(("?", "#")) or (read.startswith("/") and not read.startswith("//")):
        return True
    if redirect is not None and address.startswith(redirect):
        return True
    there = urlsplit(read)
    return (there.scheme, there.netloc) in {urlsplit(each)[:2] for each in (PLACE.public_url, product.issuer.url)}
