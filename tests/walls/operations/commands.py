"""The commands of the operator that are about one workspace."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.walls.operations.parts import (
    A_FORMER,
    A_MEMBER,
    ACCOUNT,
    AN_ALERT,
    AN_EVENT,
    AN_IMPORT,
    COSTS_FROM,
    CURRENCY,
    DAYS,
    EMAIL,
    EXPORTED,
    FILTERS,
    FORM,
    KIND,
    LINE,
    MOMENT,
    NAMES,
    NETWORKS,
    NEWCOMER,
    ONE_SCOPE,
    OVERLAP,
    REASON,
    ROLE,
    SCOPES,
    SEAL,
    USAGE_DAYS,
)
from tests.walls.vocabulary import FOLDER, LEFT_OUT, MARK, Kind, Part, Reference, one_of, perhaps

SHOWN: Mapping[str, Part] = {"--json": st.booleans()}
THERE: Mapping[str, Part] = {"--workspace": Reference(kind=Kind.WORKSPACE, required=True, chooses=True)}
IN_WORKSPACE: Mapping[str, Part] = {**SHOWN, **THERE}
THE_WORKSPACE: Mapping[str, Part] = {
    **SHOWN,
    "workspace_id": Reference(kind=Kind.WORKSPACE, required=True, chooses=True),
}
THE_TOKEN: Mapping[str, Part] = {**SHOWN, "token_id": Reference(kind=Kind.TOKEN, required=True, chooses=True)}
YES: Mapping[str, Part] = {"--yes": st.just(value=True)}

COMMANDS: Mapping[str, Mapping[str, Part]] = {
    "workspace show": THE_WORKSPACE,
    "workspace plan": {**THE_WORKSPACE, **YES, "key": one_of("plus", "alpha", "plus", "starter")},
    "workspace grant": THE_WORKSPACE,
    "workspace suspend": {**THE_WORKSPACE, **YES, "--reason": REASON},
    "workspace token-policy": {
        **THE_WORKSPACE,
        **YES,
        "--longest-days": perhaps(DAYS),
        "--scope": perhaps(SCOPES),
        "--name-pattern": perhaps(NAMES),
        "--network": perhaps(NETWORKS),
        "--suspend-abandoned": perhaps(st.just(value=True)),
        "--anything": perhaps(st.just(value=True)),
    },
    "workspace settings": {
        **THE_WORKSPACE,
        "--timezone": st.just(LEFT_OUT),
        "--currency": perhaps(CURRENCY),
        "--fiscal-year-start": perhaps(one_of(1, 4)),
        "--k-min": perhaps(one_of(10, 20)),
        "--prices-include-tax": perhaps(st.booleans()),
        "--ledger-accounts": st.just(LEFT_OUT),
        "--north-star": perhaps(one_of("cm3", "orders")),
        "--rules": st.just(LEFT_OUT),
    },
    "member add": {
        **IN_WORKSPACE,
        "--subject": NEWCOMER,
        "--role": ROLE,
        "--issuer": st.just(LEFT_OUT),
        "--id": perhaps(one_of(f"mem_{MARK}_new")),
        "--email": perhaps(EMAIL),
    },
    "member list": IN_WORKSPACE,
    "member contact": {**IN_WORKSPACE, "member_id": A_MEMBER, "email": EMAIL, "--none": st.just(LEFT_OUT)},
    "member role": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER, "new": ROLE},
    "member remove": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER},
    "member forget": {**IN_WORKSPACE, **YES, "member_id": A_FORMER},
    "token create": {
        **IN_WORKSPACE,
        "--kind": KIND,
        "--name": LINE,
        "--scope": SCOPES,
        "--days": perhaps(one_of(30, 90)),
        "--owner": Reference(kind=Kind.MEMBER),
    },
    "token list": IN_WORKSPACE,
    "token show": THE_TOKEN,
    "token rename": {**THE_TOKEN, "name": LINE},
    "token rotate": {
        **THE_TOKEN,
        **YES,
        "--overlap": OVERLAP,
        "--scope": perhaps(SCOPES),
        "--narrow": perhaps(st.just(value=True)),
    },
    "token evidence": THE_TOKEN,
    "token usage": {**THE_TOKEN, "--days": perhaps(USAGE_DAYS)},
    "token suspend": {**THE_TOKEN, **YES, "--reason": REASON},
    "token resume": {**THE_TOKEN, "--reason": REASON},
    "token revoke": {**THE_TOKEN, **YES, "--reason": REASON},
    "token revoke, many": {
        **IN_WORKSPACE,
        **YES,
        "--reason": REASON,
        "--owner": Reference(kind=Kind.MEMBER, refused=False),
        "--scope": perhaps(ONE_SCOPE),
        "--issued-before": perhaps(MOMENT),
    },
    "audit list": {
        **IN_WORKSPACE,
        **{f"--{name}": part for name, part in FILTERS.items()},
        "--limit": perhaps(one_of(1, 7, 300)),
    },
    "audit export": {
        **THERE,
        "--first": SEAL,
        "--last": SEAL,
        "--format": FORM,
        "--earlier": st.just(LEFT_OUT),
        "--output": st.just(LEFT_OUT),
    },
    "audit prove": {
        **THERE,
        "event_id": AN_EVENT,
        "--earlier": st.just(LEFT_OUT),
        "--output": st.just(LEFT_OUT),
    },
    "rebuild": IN_WORKSPACE,
    "import": {
        **IN_WORKSPACE,
        "file": one_of(f"{FOLDER}/{MARK}.ndjson", f"{FOLDER}/{MARK}.ndjson", f"{FOLDER}/shared.ndjson"),
        "--exported-at": EXPORTED,
        "--account": ACCOUNT,
        "--currency": CURRENCY,
        "--costs-from": COSTS_FROM,
        "--partial": perhaps(st.just(value=True)),
        "--patience": st.just(LEFT_OUT),
    },
    "alerts list": {**IN_WORKSPACE, "--status": perhaps(one_of("open", "acknowledged", "resolved"))},
    "alerts acknowledge": {**IN_WORKSPACE, "alert_id": AN_ALERT},
    "imports list": {**IN_WORKSPACE, "--limit": perhaps(one_of(1, 7))},
    "imports show": {**IN_WORKSPACE, "import_id": AN_IMPORT},
}

SELDOM = {
    "workspace plan",
    "workspace suspend",
    "workspace token-policy",
    "workspace settings",
    "member role",
    "member remove",
    "member forget",
    "token suspend",
    "token revoke",
    "token revoke, many",
    "import",
    "rebuild",
}
"""What ends tokens, memberships or access, so that not all that follows is refused; what takes long."""
