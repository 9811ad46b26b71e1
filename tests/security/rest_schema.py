"""Has schemathesis ask the REST API, as one caller, for all that its description allows and for what it forbids."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import schemathesis
from mangum import Mangum
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from starlette.types import ASGIApp

from infra.local.gateway import ApiRoute, Gateway, build_app
from shared.transports.http.app import TEXT_TYPES
from shared.transports.http.app import build_app as build_rest
from shared.transports.http.hardening import HEADERS
from shared.transports.http.problems import MEDIA_TYPE
from tests.transports.http.api import Api

Case = schemathesis.Case[Any]
PATIENCE = 120
"""Seconds, where schemathesis has a bound of its own: a loaded machine is slow."""
SEED = 20_261_123
SUCCESS = range(200, 300)
SHAPE = "request_invalid"
"""The code of what is refused because it is not of the shape that the description says."""
INTERNALS = ("Traceback", "sqlite", "site-packages", "pydantic", "botocore", "/shared/")
EXPECTED = {
    # A rule that no schema can say (the plan's lifetimes, whose cursor it is) is refused with 422, too. What keeps to
    # the schema is never refused for its shape: `what_is_described_is_not_refused_for_its_shape` holds that.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422"]},
    # 413 and 415 come before any shape is looked at.
    "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "409", "413", "415", "422"]},
}
"""Where a check of theirs is told what holds here; every other is as it comes, and none is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """What an operation accepts, where the rules leave so little that generated data never meets it."""

    path: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters of the path that always have this value."""
    query: Mapping[str, object] = field(default_factory=dict[str, object])
    body: Mapping[str, object] | None = None


@schemathesis.check
def what_is_described_is_not_refused_for_its_shape(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Hold the description against the shapes that the routes really take."""
    if case.meta is not None and case.meta.generation.mode.is_positive and response.status_code in {400, 422}:
        told = response.json()
        assert told["code"] != SHAPE, f"the description allows what is refused: {told['detail']}"


@schemathesis.check
def every_answer_has_the_headers_of_safety(
    _: schemathesis.CheckContext, response: schemathesis.Response, __: Case
) -> None:
    """Look at what nobody may leave out."""
    for name, value in HEADERS.items():
        assert response.headers.get(name.lower()) == [value], name


@schemathesis.check
def every_refusal_is_a_problem_that_says_how_to_mend_it(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Hold refusals against RFC 9457, and look that nothing of our insides stands in them."""
    if response.status_code < 400 or case.method.upper() == "HEAD":
        return
    assert response.headers["content-type"] == [MEDIA_TYPE]
    told = response.json()
    assert told["status"] == response.status_code
    empty = [name for name in ("type", "title", "detail", "code", "hint", "request_id") if not told[name]]
    assert not empty, (empty, told)
    leaked = [word for word in INTERNALS if word.lower() in json.dumps(told).lower()]
    assert not leaked, (leaked, told)


@dataclass
class Run:
    """What was asked and what was found."""

    cases: Counter[str] = field(default_factory=Counter[str])
    """By phase."""
    checks: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[int] = field(default_factory=Counter[int])
    accepted: set[str] = field(default_factory=set[str])
    """Operations that gave an answer of success, which was then held against its schema."""
    findings: dict[str, str] = field(default_factory=dict[str, str])
    """Check and operation -> what the first case of it was."""

    def __str__(self) -> str:
        return "\n\n".join(f"{what}\n{how}" for what, how in self.findings.items())

    def take(self, phase: str, recorder: ScenarioRecorder) -> None:
        """Count what a scenario did."""
        asked: Any = recorder.cases  # by id; its types leave the schema open
        self.cases[phase] += len(recorder.cases)
        for case_id, interaction in recorder.interactions.items():
            if interaction.response is not None:
                status, operation = interaction.response.status_code, asked[case_id].value.operation.label
                self.statuses[status] += 1
                if status in SUCCESS:
                    self.accepted.add(operation)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                self.checks[check.name] += 1
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    what = f"{check.name}: {asked[case_id].value.operation.label}"
                    said = f"{failure.title}\n{failure.message}\n{check.failure_info.code_sample}"
                    self.findings.setdefault(what, said)


@contextmanager
def behind_the_gateway(api: Api) -> Generator[ASGIApp]:
    """Put the API behind the local stack's gateway, as an ASGI app."""
    # Mangum runs an event loop of its own, and the thread of the client has one already.
    with (
        closing(asyncio.new_event_loop()) as loop,
        ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(loop,)) as container,
    ):
        handler: Any = container.submit(_door, api).result()

        async def invoke(_: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever Mangum answers
            return await asyncio.wrap_future(container.submit(handler, event, None))

        yield build_app(Gateway([ApiRoute("ANY /v1/{proxy+}", "token_api")], invoke))


def _door(api: Api) -> Mangum:
    return Mangum(build_rest(api.collaborators), lifespan="off", text_mime_types=[*TEXT_TYPES])


def ask_for_everything(
    app: ASGIApp,
    *,
    bearer: str | None,
    examples: int,
    only: str = "^/v1/",
    edges: bool = True,
    known: Mapping[str, str] = MappingProxyType({}),
    good: Mapping[str, Good] = MappingProxyType({}),
) -> Run:
    """Ask in all of schemathesis' ways: the edges of each schema, values within and without, calls that follow others.

    `known` are parameters that always have a value that there is: a random id is met by a 404, and little is seen.
    `good`, by operation, is asked for first, and the edges are sought around it. Of the edges there are some 1,600, and
    they take most of the time.
    """
    headers = {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
    config = SchemathesisConfig.from_dict(  # pyright: ignore[reportUnknownMemberType] - it takes any dict
        {
            "seed": SEED,
            "headers": headers,
            "request-timeout": PATIENCE,
            "parameters": dict(known),
            "operations": [
                {"include-name": operation, "parameters": {f"path.{name}": value for name, value in data.path.items()}}
                for operation, data in good.items()
            ],
            "phases": {"coverage": {"enabled": edges}},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "checks": EXPECTED,
        }
    )
    schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", app, config=config, timeout=PATIENCE)
    for operation, data in good.items():
        _exemplify(schema.raw_schema["paths"], operation, data)
    run = Run()
    for event in from_schema(schema.include(path_regex=only)).execute():
        match event:
            case events.ScenarioFinished(phase=phase, recorder=recorder):
                run.take(phase.value, recorder)
            case events.NonFatalError(value=error) | events.FatalError(exception=error):
                run.findings[f"schemathesis gave up: {type(error).__name__}"] = str(error)
            case _:
                pass
    return run


def _exemplify(paths: Any, operation: str, data: Good) -> None:  # noqa: ANN401 - a document
    """Write good data into a description as its examples."""
    method, _, path = operation.partition(" ")
    described = paths[path][method.lower()]
    for parameter in described.get("parameters", []):
        if parameter["in"] == "query" and parameter["name"] in data.query:
            parameter["example"] = data.query[parameter["name"]]
    if data.body is not None:
        described["requestBody"]["content"]["application/json"]["example"] = dict(data.body)
