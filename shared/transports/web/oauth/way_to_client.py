"""The way back to a client: its redirect URI, with what it is told in the query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from shared.domain.oauth.clients import is_on_their_computer, redirect_host
from shared.services.grants.refusals import GrantRefused
from shared.transports.web.oauth.answers import describe
from shared.transports.web.rendering import render

WEB = frozenset({"http", "https"})
_NAME = re.compile(r"[a-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayToClient:
    """Where the answer to a request goes, and what stands in every answer."""

    redirect_uri: str
    state: str | None
    issuer: str

    def with_code(self, code: str) -> Response:
        """Send the browser there with a yes (RFC 6749, section 4.1.2)."""
        return self._lead(self._address({"code": code}))

    def with_refusal(self, refusal: GrantRefused) -> Response:
        """Send the browser there with a no (section 4.1.2.1)."""
        return self._lead(self.address_of(refusal))

    def address_of(self, refusal: GrantRefused) -> str:
        """Give the address at which the client is told that it does not get what it asks for."""
        return self._address({"error": refusal.code, "error_description": describe(refusal)})

    @property
    def host_told(self) -> str:
        """Name the host or the scheme that the person is sent to, whichever it is."""
        return redirect_host(self.redirect_uri)

    @property
    def host(self) -> str | None:
        """Name the host that the person is sent to; None: it is no host, but a program on their computer."""
        return None if is_on_their_computer(self.host_told) else self.host_told

    @property
    def stays(self) -> bool:
        """Tell whether the page stays where it is when a program is called by a scheme of its own."""
        return urlsplit(self.redirect_uri).scheme not in WEB

    @property
    def form_action(self) -> str | None:
        """Name the way for `form-action`, which Chromium holds against the redirect that follows a form too.

        None: the grammar of the policy has no name for it, as it has none for IPv6.
        """
        parts = urlsplit(self.redirect_uri)
        if parts.scheme not in WEB:
            return f"{parts.scheme}:"
        if not _NAME.fullmatch(parts.hostname or ""):
            return None
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port is not None else "")

    def _address(self, told: dict[str, str]) -> str:
        """Say something there; a query that the redirect URI has of its own stays (section 3.1.2)."""
        said = {**told, **({"state": self.state} if self.state is not None else {}), "iss": self.issuer}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return self.redirect_uri.removesuffix("?") + joint + urlencode(said)

    def _lead(self, address: str) -> Response:
        """Lead there from a form: at once, or by a page of ours where no policy lets a form go."""
        if self.form_action is not None:
            return RedirectResponse(address, status_code=303)
        return render("back_to_app.html", headers={"Refresh": f"0; url={address}"}, address=address)
