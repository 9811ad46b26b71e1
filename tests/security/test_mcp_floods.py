"""Floods: what each refusal costs, what is left of it, and that a container does not grow."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from functools import _lru_cache_wrapper  # pyright: ignore[reportPrivateUsage] - the same - what caches are found by
from typing import Any, cast

from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken
from shared.domain.token.events import TokenKind
from shared.services.change_token import change_token
from shared.services.credentials.token_format import LENGTH, TokenText, base62, new_token
from shared.services.credentials.verified import CAPACITY as OF_CREDENTIALS
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.denials import CAPACITY as OF_DENIALS
from shared.services.denials import Denials, Denied
from shared.services.refusals import Reason, Refusal
from shared.storage.contracts.tokens import Terms
from tests.data.tenants import KEYS, NOON, origin, token
from tests.security.mcp_bodies import plain
from tests.security.mcp_judge import STATUSES, costs_nothing, judge
from tests.security.product import Answered, Product, numbers_of
from tests.security.tally import TALLY

FLOOD = 500
PER_MINUTE = 60
LINE = 400
"""Characters that one refusal may leave in the log: a line of metrics."""
MANY_BEARERS = 100_000


def call(product: Product, text: str, *, request_id: str | None = None, tool: str = "get_pnl") -> Answered:
    headers = {"content-type": "application/json", "authorization": f"Bearer {text}"}
    body = plain("tools/call", name=tool, arguments={})
    return product.ask("POST", "/mcp", headers, body, request_id=request_id)


def garbage(number: int) -> str:
    return "mfp_" + base62(number * 7_919, LENGTH - 4)


def flood(attack: str, times: int, ask: Callable[[int], Answered]) -> Counter[str]:
    """Ask again and again, hold each answer against what is promised of refusals, and give what all took."""
    costs: Counter[str] = Counter()
    for number in range(times):
        answered = ask(number)
        error = answered.json["error"]["data"]
        TALLY.note(attack, f"{answered.status} {error['reason']}")
        assert error["hint"]
        assert answered.status in STATUSES | {429}
        assert answered.hashes == 0 or number == 0
        costs += Counter(answered.costs)
        costs["lines"] += len(answered.logged)
        assert sum(map(len, answered.logged)) <= LINE
    return costs


def reason_of(answered: Answered) -> str:
    return answered.json["error"]["data"]["reason"]


def counts_of_denials(product: Product) -> Sequence[int]:
    return sorted(cast("int", entry.data["count"]) for entry in product.trail("mcp.call_denied"))


def test_a_flood_of_garbage_costs_a_line_of_metrics_each(product: Product) -> None:
    before = product.engine.rows()
    costs = flood("floods: garbage", FLOOD, lambda number: call(product, garbage(number)))

    assert costs == {"lines": FLOOD}
    assert product.engine.rows() == before


def test_a_flood_over_the_limit_costs_one_look_and_leaves_few_rows(product: Product) -> None:
    for _ in range(PER_MINUTE):
        assert call(product, product.token.text).status == 200
    costs = flood("floods: over the limit", FLOOD, lambda _: call(product, product.token.text))

    assert {name: times for name, times in costs.items() if name not in {"lines", "put"}} == {"update": 1}
    # The first ten, then each doubling.
    assert counts_of_denials(product) == [*range(1, 11), 20, 40, 80, 160, 320]
    assert costs["put"] == 15
    assert numbers_of(product) == [*range(1, PER_MINUTE + 1)]


def test_a_flood_of_a_revoked_token_costs_one_look_and_leaves_few_rows(product: Product) -> None:
    revoked = RevokeToken(revoked_by="mem_olivia", reason="lost", at=product.clock())
    change_token(product.token.token.token_id, revoked, origin=origin(), keys=KEYS, tokens=product.stores.tokens)
    costs = flood("floods: a revoked token", FLOOD, lambda _: call(product, product.token.text))

    assert costs["argon2"] == 1
    assert costs["put"] == 15
    assert costs["get"] + costs["update"] <= 2
    assert counts_of_denials(product) == [*range(1, 11), 20, 40, 80, 160, 320]


def test_a_bearer_in_many_containers_has_one_limit_and_one_row_of_numbers(product: Product) -> None:
    outcomes: Counter[int] = Counter()
    hashes = 0
    for _ in range(8):
        product.container()
        for _ in range(9):
            answered = call(product, product.token.text)
            outcomes[answered.status] += 1
            hashes += answered.hashes
            TALLY.note("replay: one bearer, many containers", answered.status)

    assert outcomes == {200: PER_MINUTE, 429: 8 * 9 - PER_MINUTE}
    assert hashes == 8  # once for each container
    assert numbers_of(product) == [*range(1, PER_MINUTE + 1)]


def test_of_request_ids_that_come_again_each_answer_has_its_row_and_no_number_is_left_out(product: Product) -> None:
    """Only the gateway names them; it repeats one after another, which counts once. All else counts as a new call."""
    ids = [f"gateway-id-{number}" for number in (0, 0, 1, 0, 1, 1, 2, 0, 2, 1, 0)]
    for request_id in ids:
        product.clock.advance(seconds=0.05)
        answered = call(product, product.token.text, request_id=request_id)
        TALLY.note("replay: ids of the gateway", judge(product, answered))
        assert (answered.status, answered.headers["x-request-id"]) == (200, request_id)

    assert sorted(entry.origin.request_id for entry in product.trail("mcp.call")) == sorted(ids)
    assert numbers_of(product) == [1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9]


def test_another_call_under_the_id_of_the_last_one_is_withheld_and_changes_no_row(product: Product) -> None:
    call(product, product.token.text, request_id="gateway-id-0")
    before = [*product.trail("mcp.call")]
    answered = call(product, product.token.text, request_id="gateway-id-0", tool="list_alerts")

    TALLY.note("replay: another call under the same id", f"{answered.status} {reason_of(answered)}")
    assert (answered.status, reason_of(answered)) == (503, "audit_unavailable")
    assert [*product.trail("mcp.call")] == before


def test_nobody_names_the_id_of_their_own_request(product: Product) -> None:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {product.token.text}",
        **dict.fromkeys(("x-request-id", "x-amzn-requestid", "apigw-requestid", "x-amzn-trace-id"), "mine"),
    }
    answered = product.ask("POST", "/mcp", headers, plain("tools/call", name="get_pnl", arguments={}))

    assert answered.headers["x-request-id"] == "gateway-1"
    assert [entry.origin.request_id for entry in product.trail("mcp.call")] == ["gateway-1"]


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_bearers_stay_within_the_bound_of_what_is_remembered() -> None:
    verified = VerifiedCredentials()
    terms = Terms(plan="plus", standing="open", version=1, networks=())  # pyright: ignore[reportArgumentType] - not looked at
    for number in range(MANY_BEARERS):
        token_id = base62(number, 16)
        text = TokenText(kind=TokenKind.PERSONAL, key_version="1", token_id=token_id, text=f"mfp_1{token_id}")
        verified.remember(text, terms, resource=None)

    assert len(verified._known) == OF_CREDENTIALS  # noqa: SLF001 - nothing else tells  # pyright: ignore[reportPrivateUsage] - the same
    TALLY.note("memory: different bearers", f"at most {OF_CREDENTIALS:,} remembered, of", MANY_BEARERS)


def test_a_hundred_thousand_denials_stay_within_the_bound_of_what_is_remembered() -> None:
    denials = Denials()
    over = Denied(refusal=Refusal(reason=Reason.TOKEN_REVOKED), workspace_id="wks_1", owner_id="mem_olivia")
    full = Denied(refusal=Refusal(reason=Reason.RATE_LIMITED), workspace_id="wks_1", owner_id="m", opens_at=NOON)
    for number in range(MANY_BEARERS):
        denials.remember(base62(number, 16), over)
        denials.remember(base62(number, 16), full)
        denials.count(base62(number, 16), Reason.RATE_LIMITED, now=NOON)

    sizes = [len(memory) for memory in vars(denials).values() if not isinstance(memory, int)]
    assert sizes == [OF_DENIALS] * 3
    TALLY.note("memory: different denials", f"at most {OF_DENIALS:,} remembered, of", MANY_BEARERS)


def caches() -> dict[str, int]:
    """Give the sizes of all caches of functions of ours."""
    found: list[Any] = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
    names = {id(each): f"{each.__module__}.{each.__qualname__}" for each in found if hasattr(each, "__qualname__")}
    ours = [each for each in found if names.get(id(each), "").startswith(("shared.", "functions."))]
    return {names[id(each)]: each.cache_info().currsize for each in ours}


def test_no_cache_grows_with_what_strangers_send(product: Product) -> None:
    def ask(number: int) -> None:
        text = garbage(number) if number % 2 else product.token.text
        method, arguments = "tools/call" if number % 3 else f"method-{number}", {f"argument-{number}": f"{number}"}
        body = plain(method, name=f"tool-{number}", arguments=arguments)
        headers = {
            "content-type": f"application/json; x={number}",
            "authorization": f"Bearer {text}",
            "user-agent": f"agent/{number}",
            f"x-{number}": f"{number}",
        }
        product.clock.advance(seconds=2)
        TALLY.note("memory: all different", judge(product, product.ask("POST", "/mcp", headers, body)))

    for number in range(200):
        ask(number)
    before = caches()
    product.engine.purge(product.clock())
    for number in range(200, 600):
        ask(number)

    assert {name: size for name, size in caches().items() if size != before[name]} == {}
    assert len(before) > 5
    memories: Any = product.gate.verified._known  # noqa: SLF001 - as above  # pyright: ignore[reportPrivateUsage] - the same
    assert len(memories) == 1


def test_a_container_does_not_grow_under_garbage(product: Product) -> None:
    for number in range(200):
        call(product, garbage(number))
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(200, 200 + FLOOD):
            call(product, garbage(number))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (after - before) / FLOOD < 50, "bytes that each refusal leaves"


def test_the_trail_of_a_flood_is_of_those_who_hold_the_token_alone(product: Product) -> None:
    """Who floods in the name of somebody else, by the id that lists show, leaves nothing in their trail."""
    other = token(product.stores, scopes=frozenset(Scope), at=product.clock())
    shown = other.token.prefix
    for number in range(50):
        answered = call(product, shown + base62(number, LENGTH - len(shown)))
        costs_nothing(answered)
    guesses = [new_token(TokenKind.PERSONAL, other.token.token_id, KEYS).text for _ in range(5)]
    for text in guesses:
        assert reason_of(call(product, text)) == "token_unknown"

    assert [*product.trail("mcp.call", "mcp.call_denied")] == []
