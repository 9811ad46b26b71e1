"""How a workspace comes to have everything that there can be in one, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import AddMember, GrantAccess, RegisterWorkspace, RemoveMember
from shared.domain.workspace.events import Role
from shared.services.change_settings import change_settings
from shared.services.change_workspace import change_workspace
from shared.services.create_token import create_token
from shared.services.grants.approve import Approval, issue_code
from shared.services.grants.pkce import challenge_of
from shared.services.grants.redeem_code import redeem_code
from tests.data.tenants import A_DAY, KEYS, NOON, origin
from tests.walls.asking import CommandAsk, Values, worded
from tests.walls.callers import SignIn
from tests.walls.operations import operation_named
from tests.walls.operations.site import HOME
from tests.walls.references import Known
from tests.walls.sessions import session_of
from tests.walls.tenants import IN_BOTH, Tenant
from tests.walls.vocabulary import Door
from tests.walls.world import PLACE, World

AN_HOUR = timedelta(hours=1)
VERIFIER = 43 * "v"
LONG_AGO = NOON - 100 * A_DAY
"""Further back than rows of the trail are in their table."""
ALL = frozenset(Scope)

FIRST_PAGES: Sequence[tuple[str, Values]] = (
    ("GET /v1/tokens", {"query.limit": 1}),
    ("GET /v1/audit/events", {"query.limit": 2}),
    ("GET /v1/audit/events", {"query.limit": 1, "query.type": "mcp.call"}),
    ("pma_list_data_sources", {"argument.limit": 1}),
    ("pma_inspect_org_data", {"argument.limit": 1}),
    ("GET /v1/activity", {"query.limit": 2}),
    ("GET /v1/imports", {"query.limit": 1}),
    ("list_activity", {"argument.limit": 1, "argument.period": "last_30d"}),
    ("get_pnl", {"argument.period": "ytd", "argument.granularity": "day"}),
)
"""Questions whose answers do not fit on a page."""
BY_THE_OWNER: Sequence[tuple[str, Values]] = (
    ("POST /v1/workspace/token-policy/preview", {"body.longest_days": 30}),
    ("POST /v1/workspace/token-policy/preview", {"body.scopes": [str(Scope.PNL)]}),
    (f"POST {HOME}/policy/preview", {"form.longest_days": "30", "form.scopes": [str(scope) for scope in Scope]}),
)
"""Previews, to be confirmed later."""
BY_MANAGERS: Sequence[tuple[str, Values]] = (
    ("POST /v1/tokens/revoke/preview", {"body.issued_before": "2026-10-20T00:00:00Z"}),
    (f"POST {HOME}/revoke", {"form.before": "2026-11-01"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingIn:
    """One tenant on the way into a world."""

    tenant: Tenant
    world: World
    known: Known
    """What they learn on the way."""
    issuer: str
    sign_in: SignIn
    folder: Path
    seeds: Iterator[int]

    def move_in(self) -> None:
        tenant, world = self.tenant, self.world
        self._register(LONG_AGO)
        owner, admin, analyst, *_ = tenant.people
        of_the_admin = TokenKind.ORGANIZATION if tenant.plan == "alpha" else TokenKind.PERSONAL
        live = [
            self._token(owner, at=NOON - A_DAY),
            self._token(admin, scopes=frozenset({Scope.PNL}), at=NOON - 2 * A_DAY, kind=of_the_admin),
        ]
        ended = [self._token(owner, at=NOON - 40 * A_DAY), self._token(admin, at=NOON - 3 * A_DAY)]
        self._change(ended[1], "revoke", {"body.reason": f"{tenant.side} lost it"}, by=owner)
        apps = [self._app(who, at=NOON - AN_HOUR / 2) for who in (owner, analyst)]
        self._on_the_eve(owner)
        imports, figures = world.inside.imports, world.inside.figures
        by = origin(f"operator:{tenant.side}", f"settings-{tenant.side}")
        change_settings(tenant.workspace_id, tenant.settings, now=NOON, origin=by, imports=imports, figures=figures)
        for file in (tenant.side, tenant.second_file):
            self._run("import", str(self.folder / f"{file}.ndjson"), "-w", tenant.workspace_id)
        for text in (*live, *live, *ended, *apps):
            self._ask("get_pnl", {}, bearer=text)
        self._in_old_times(owner)
        for name, values in FIRST_PAGES:
            self._ask(name, values, **({"by": owner} if name.startswith("GET") else {"bearer": live[0]}))
        for at in (NOON - AN_HOUR, NOON):
            self._look_ahead(owner, at)

    def _in_old_times(self, owner: str) -> None:
        """Have made calls of which only the archive knows."""
        now, self.world.clock.now = self.world.clock.now, LONG_AGO + A_DAY
        token = self._token(owner, at=LONG_AGO + A_DAY)
        for _ in range(2):
            self._ask("pma_list_data_sources", {}, bearer=token)
        self.world.clock.now = now

    def go_on(self) -> None:
        """Do some more, which is not sealed yet."""
        owner, *_ = self.tenant.people
        self.world.clock.now = NOON
        self._ask("get_workspace_context", {}, bearer=self.known.bearers[0])
        self._change(self.known.bearers[1], "suspend", {"body.reason": f"{self.tenant.side} again"}, by=owner)
        self._change(self.known.bearers[1], "resume", {"body.reason": f"{self.tenant.side} after all"}, by=owner)

    def _on_the_eve(self, owner: str) -> None:
        """Have tokens of which time makes something soon, and such as are out of use for a while."""
        for at in (
            NOON - 15 * A_DAY,  # never used since: abandoned
            NOON - 27 * A_DAY + AN_HOUR,  # a reminder is due in an hour
            NOON - 30 * A_DAY + AN_HOUR,  # and an end
        ):
            self._token(owner, at=at)
        suspended, rotated = (self._token(owner, at=NOON - 5 * A_DAY) for _ in range(2))
        self._change(suspended, "suspend", {"body.reason": f"{self.tenant.side} looks into it"}, by=owner)
        self._change(rotated, "rotate", {"body.overlap_seconds": 7_200}, by=owner)

    def _look_ahead(self, owner: str, at: datetime) -> None:
        """Be shown what may be confirmed: one hour before it is too late for that, the other in time."""
        self.world.clock.now = at
        for name, values in (*BY_THE_OWNER, *BY_MANAGERS):
            self._ask(name, values, by=owner)
        for name, values in BY_MANAGERS:
            if operation_named(name).door is not Door.SITE:
                self._ask(name, values, by=IN_BOTH)

    def _register(self, at: datetime) -> None:
        tenant = self.tenant
        added = (
            AddMember(member_id=tenant.member_id(who), issuer=self.issuer, subject=who, role=role, at=at)
            for who, role in tenant.people.items()
        )
        name = f"The {tenant.side} shop"
        for command in (
            RegisterWorkspace(workspace_id=tenant.workspace_id, name=name, plan=tenant.plan, at=at),
            GrantAccess(at=at),
            *added,
            AddMember(
                member_id=tenant.former_id,
                issuer=self.issuer,
                subject=f"{tenant.side}-former",
                role=Role.ANALYST,
                at=at,
            ),
            RemoveMember(member_id=tenant.former_id, at=at),
        ):
            change_workspace(
                tenant.workspace_id,
                command,
                origin=origin(),
                now=at,
                keys=KEYS,
                workspaces=self.world.inside.workspaces,
                tokens=self.world.inside.tokens,
            )

    def _token(
        self, owner: str, *, at: datetime, scopes: frozenset[Scope] = ALL, kind: TokenKind = TokenKind.PERSONAL
    ) -> str:
        tenant = self.tenant
        made = create_token(
            workspace_id=tenant.workspace_id,
            member_id=tenant.member_id(owner),
            name=f"{tenant.side} token",
            scopes=scopes,
            expires_in_days=30 if kind is TokenKind.PERSONAL else None,
            origin=origin(tenant.member_id(owner)),
            now=at,
            keys=KEYS,
            tokens=self.world.inside.tokens,
            workspaces=self.world.inside.workspaces,
            kind=kind,
        )
        self.known.tokens.append(made.token.token_id)
        self.known.bearers.append(made.text)
        return made.text

    def _app(self, member: str, *, at: datetime) -> str:
        """Have somebody connect an app, and give its access token."""
        tenant, inside = self.tenant, self.world.inside
        approval = Approval(
            client_id=f"https://{tenant.side}.example/app.json",
            client_name=f"{tenant.side} app",
            redirect_uri=f"https://{tenant.side}.example/back",
            resource=PLACE.endpoint,
            scopes=ALL,
            workspace_id=tenant.workspace_id,
            member_id=tenant.member_id(member),
            code_challenge=challenge_of(VERIFIER),
        )
        by = origin(tenant.member_id(member))
        code = issue_code(approval, origin=by, now=at, keys=KEYS, codes=inside.codes, workspaces=inside.workspaces)
        made = redeem_code(
            code,
            client_id=approval.client_id,
            redirect_uri=approval.redirect_uri,
            verifier=VERIFIER,
            resource=approval.resource,
            origin=by,
            now=at,
            keys=KEYS,
            tokens=inside.tokens,
            codes=inside.codes,
            workspaces=inside.workspaces,
        )
        self.known.tokens.append(made.grant_id)
        self.known.bearers.append(made.access)
        return made.access

    def _change(self, text: str, what: str, values: Values, *, by: str) -> None:
        token_id = self.known.tokens[self.known.bearers.index(text)]
        self._ask(f"POST /v1/tokens/{{token_id}}/{what}", {"path.token_id": token_id, **values}, by=by)

    def _ask(self, name: str, values: Values, *, by: str = "a token", bearer: str | None = None) -> None:
        """Ask, and learn what the answer tells."""
        operation, seed, now = operation_named(name), next(self.seeds), self.world.clock()
        in_workspace = {"header.merchant-workspace": self.tenant.workspace_id} if by == IN_BOTH else {}
        ask = worded(
            operation,
            {**values, **in_workspace},
            word=self.tenant.side,
            ip=self.tenant.ip,
            bearer=bearer or (session_of(by) if operation.door is Door.SITE else self.sign_in(by)),
            request_id=f"before-{seed}",
            folder=self.folder,
        )
        answer = self.world.answer(ask, seed=seed)
        assert not answer.broken, answer.text
        self.known.learn(operation, values, answer.text, who=by, at=now)

    def _run(self, *words: str) -> None:
        ran = self.world.answer(CommandAsk(words=words), seed=next(self.seeds))
        assert not ran.refused, ran.text
