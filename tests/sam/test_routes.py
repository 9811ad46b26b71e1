"""The HTTP API: which request reaches which function, and what its logs may hold."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest

from infra.local.issuer.issuer import SCOPES
from infra.local.issuer.provider import CALLBACK, SIGNED_OUT
from shared.transports.web.oauth.fetch_document import SECONDS
from tests.sam.stack import ACCOUNT, REGION, Stack, called, deployed, source

ROUTES = {
    "$default": ("McpServer", "$default"),
    "ANY /mcp": ("McpServer", "POST/mcp"),
    "ANY /v1/{proxy+}": ("TokenApi", "PATCH/v1/tokens/abc"),
    "POST /v1/tokens/report-leak": ("TokenApi", "POST/v1/tokens/report-leak"),
    "POST /v1/tokens/report-leak/github": ("TokenApi", "POST/v1/tokens/report-leak/github"),
    "GET /": ("TokenApi", "GET/"),
    "ANY /auth/{proxy+}": ("TokenApi", "GET/auth/sign-in"),
    "GET /auth/callback": ("TokenApi", "GET/auth/callback"),
    "ANY /dashboard/{proxy+}": ("TokenApi", "POST/dashboard/settings/developer/mcp/new"),
    "ANY /oauth/{proxy+}": ("TokenApi", "POST/oauth/authorize"),
    "GET /oauth/authorize": ("TokenApi", "GET/oauth/authorize"),
    "POST /oauth/token": ("TokenApi", "POST/oauth/token"),
    "POST /oauth/register": ("TokenApi", "POST/oauth/register"),
    "ANY /.well-known/oauth-authorization-server": ("TokenApi", "OPTIONS/.well-known/oauth-authorization-server"),
    "ANY /.well-known/oauth-authorization-server/{proxy+}": (
        "TokenApi",
        "GET/.well-known/oauth-authorization-server/v1",
    ),
    "GET /.well-known/oauth-protected-resource": ("McpServer", "GET/.well-known/oauth-protected-resource"),
    "GET /.well-known/oauth-protected-resource/mcp": ("McpServer", "GET/.well-known/oauth-protected-resource/mcp"),
}
"""Route -> the function behind it, and a request as API Gateway names it when it asks to call the function."""
AUTHORIZATION_SERVER = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/{proxy+}",
)
OF_STRANGERS = {
    "POST /v1/tokens/report-leak",
    "POST /v1/tokens/report-leak/github",
    "POST /oauth/register",
    "GET /oauth/authorize",
}
"""What strangers call without a login, or have us wait for them with; and what is called seldom."""
COGNITO_AUTHENTICATIONS = 120
"""Requests a second that a user pool takes for sign-ins and their codes (quota UserAuthentication)."""

POOL_URL = f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_UserPool"


def function_behind(stack: Stack, target: str) -> str:
    integration = stack[target.removeprefix("integrations/")]
    assert integration["PayloadFormatVersion"] == "2.0"
    return called(integration["IntegrationUri"])


def test_every_route_reaches_its_function(stack: Stack) -> None:
    routes = stack.of_type("AWS::ApiGatewayV2::Route").values()

    assert {route["RouteKey"]: function_behind(stack, route["Target"]) for route in routes} == {
        key: function for key, (function, _) in ROUTES.items()
    }


@pytest.mark.parametrize("route", ROUTES)
def test_the_api_may_call_the_function_behind_a_route_and_no_other(stack: Stack, route: str) -> None:
    function, request = ROUTES[route]
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:HttpApi/$default/{request}"
    permissions = stack.of_type("AWS::Lambda::Permission").values()

    assert {called(p["FunctionName"]) for p in permissions if fnmatchcase(source, p["SourceArn"])} == {function}


def test_the_gateway_leaves_preflights_to_the_functions(stack: Stack) -> None:
    """With CORS of its own it would answer them in their place, and put its headers over theirs."""
    assert "CorsConfiguration" not in stack["HttpApi"]
    for path in ("/oauth/{proxy+}", *AUTHORIZATION_SERVER):
        assert ROUTES[f"ANY {path}"][0] == "TokenApi", "ANY takes OPTIONS too; POST and GET do not"


def test_a_function_may_be_called_by_this_api_and_this_bucket_alone(stack: Stack) -> None:
    for permission in stack.of_type("AWS::Lambda::Permission").values():
        match permission["Principal"]:
            case "apigateway.amazonaws.com":
                assert permission["SourceArn"].startswith(f"arn:aws:execute-api:{REGION}:{ACCOUNT}:HttpApi/")
            case "s3.amazonaws.com":
                assert permission["SourceArn"] == f"arn:aws:s3:::{stack['Bucket']['BucketName']}"
                assert permission["SourceAccount"] == ACCOUNT
            case other:
                pytest.fail(f"{other} may call a function")


def test_requests_are_throttled_far_above_what_any_plan_admits(stack: Stack) -> None:
    stage = stack["HttpApiStage"]
    members = [setting for route, setting in stage["RouteSettings"].items() if route not in OF_STRANGERS]
    settings = [stage["DefaultRouteSettings"], *members]

    # Settings of a route that is not there yet would not deploy.
    waited_for = {stack[route]["RouteKey"] for route in stack.resources["HttpApiStage"]["DependsOn"]}
    of_calls = {key for key, (function, _) in ROUTES.items() if function == "McpServer"} - {"$default"}
    assert waited_for == set(stage["RouteSettings"]) == ROUTES.keys() - of_calls
    assert all(setting["ThrottlingRateLimit"] * 60 >= 50 * 60 for setting in settings)
    assert all(setting["ThrottlingBurstLimit"] >= setting["ThrottlingRateLimit"] for setting in settings)


def test_a_flood_of_reports_or_registrations_takes_nothing_from_members_nor_one_from_another(stack: Stack) -> None:
    settings = stack["HttpApiStage"]["RouteSettings"]
    members = settings["ANY /v1/{proxy+}"]

    # What a route has in the settings of the stage is its own bucket: whoever empties it empties no other.
    for route in OF_STRANGERS:
        assert route in {each["RouteKey"] for each in stack.of_type("AWS::ApiGatewayV2::Route").values()}
        assert settings[route]["ThrottlingRateLimit"] <= members["ThrottlingRateLimit"] / 10
        assert settings[route]["ThrottlingBurstLimit"] <= members["ThrottlingBurstLimit"] / 5
        assert settings[route]["DetailedMetricsEnabled"] is True


def test_a_flood_of_callbacks_takes_no_pages_and_is_less_than_the_issuer_takes(stack: Stack) -> None:
    setting = stack["HttpApiStage"]["RouteSettings"]["GET /auth/callback"]

    # A full bucket and what flows into it: so many come in the first second.
    assert setting["ThrottlingBurstLimit"] + setting["ThrottlingRateLimit"] < COGNITO_AUTHENTICATIONS


def test_apps_whose_documents_are_slow_leave_places_for_people() -> None:
    stack = deployed(ReserveConcurrency="yes")
    setting = stack["HttpApiStage"]["RouteSettings"]["GET /oauth/authorize"]
    waiting = setting["ThrottlingBurstLimit"] + setting["ThrottlingRateLimit"] * SECONDS

    assert waiting < stack["TokenApi"]["ReservedConcurrentExecutions"]


def test_a_function_ends_before_the_gateway_gives_up_on_it(stack: Stack) -> None:
    for integration in stack.of_type("AWS::ApiGatewayV2::Integration").values():
        assert stack[called(integration["IntegrationUri"])]["Timeout"] * 1000 < integration["TimeoutInMillis"]


def test_the_access_log_is_json_without_headers_or_queries(stack: Stack) -> None:
    log = stack["HttpApiStage"]["AccessLogSettings"]
    fields = json.loads(log["Format"])

    assert fields["requestId"] == "$context.requestId"
    assert not re.search(r"header|authoriz|agent|query|path\b", log["Format"].replace("$context.", ""), re.IGNORECASE)
    assert stack["AccessLog"]["RetentionInDays"] == 30


def test_functions_and_outputs_agree_on_the_public_address(stack: Stack) -> None:
    api = f"https://HttpApi.execute-api.{REGION}.amazonaws.com"

    assert stack.outputs["McpUrl"]["Value"] == f"{api}/mcp"
    assert stack.outputs["ApiUrl"]["Value"] == f"{api}/v1"
    assert stack["McpServer"]["Environment"]["Variables"]["PUBLIC_URL"] == api
    assert stack["TokenApi"]["Environment"]["Variables"]["PUBLIC_URL"] == api


def test_a_public_address_of_ones_own_replaces_that_of_the_api() -> None:
    own = deployed(PublicUrl="https://mcp.example")

    assert own["HttpApi"]["DisableExecuteApiEndpoint"] is False  # a CDN calls it
    assert own.of_type("AWS::ApiGatewayV2::DomainName") == {}
    assert own.outputs["McpUrl"]["Value"] == "https://mcp.example/mcp"
    assert own["McpServer"]["Environment"]["Variables"]["PUBLIC_URL"] == "https://mcp.example"
    assert own["TokenApi"]["Environment"]["Variables"]["PUBLIC_URL"] == "https://mcp.example"


def test_a_certificate_makes_the_public_address_a_domain_of_the_api_and_its_only_way_in() -> None:
    own = deployed(
        PublicUrl="https://mcp.example", CertificateArn="arn:aws:acm:eu-central-1:123456789012:certificate/1"
    )

    assert own["HttpApiDomain"]["DomainName"] == "mcp.example"
    (served,) = own["HttpApiDomain"]["DomainNameConfigurations"]
    assert served["CertificateArn"].endswith(":certificate/1")
    assert (served["EndpointType"], served["SecurityPolicy"]) == ("REGIONAL", "TLS_1_2")
    assert own["HttpApiMapping"] == {"ApiId": "HttpApi", "DomainName": "HttpApiDomain", "Stage": "HttpApiStage"}
    assert own["HttpApi"]["DisableExecuteApiEndpoint"] is True
    assert own["McpServer"]["Environment"]["Variables"]["PUBLIC_URL"] == "https://mcp.example"
    assert {"DomainTarget", "DomainTargetZone"} <= own.outputs.keys()


def test_without_a_certificate_there_is_no_domain_to_tell_of(stack: Stack) -> None:
    assert stack.of_type("AWS::ApiGatewayV2::ApiMapping") == {}
    assert not {"DomainTarget", "DomainTargetZone"} & stack.outputs.keys()


def test_a_certificate_is_not_taken_without_the_domain_that_it_is_for() -> None:
    (rule,) = source()["Rules"].values()

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    assert [asserted["Assert"] for asserted in rule["Assertions"]] == [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "PublicUrl"}, ""]}]}
    ]


# --- who signs people in ----------------------------------------------------------------------------------------------


def test_without_an_issuer_the_stack_makes_a_user_pool_whose_people_it_believes() -> None:
    own = deployed(OidcIssuer="")
    told = own["TokenApi"]["Environment"]["Variables"]

    assert (told["OIDC_ISSUER"], told["OIDC_AUDIENCE"]) == (POOL_URL, "UserPoolClient")
    assert (own.outputs["OidcIssuer"]["Value"], own.outputs["OidcAudience"]["Value"]) == (POOL_URL, "UserPoolClient")
    assert "OIDC_CLIENT_SECRET_ARN" not in told
    assert own.of_type("AWS::SecretsManager::Secret").keys() == {"CredentialKeys", "DataKeys"}


def test_an_issuer_that_is_given_takes_the_place_of_the_pool(stack: Stack) -> None:
    told = stack["TokenApi"]["Environment"]["Variables"]

    assert (told["OIDC_ISSUER"], told["OIDC_AUDIENCE"]) == ("https://login.example", "merchant-mcp")
    assert stack.outputs["OidcIssuer"]["Value"] == "https://login.example"
    assert stack.outputs["OidcAudience"]["Value"] == "merchant-mcp"
    assert told["OIDC_CLIENT_SECRET_ARN"] == stack.outputs["OidcClientSecretArn"]["Value"]
    assert stack["OidcClientSecret"]["SecretString"] == "{}", (
        "no secret stands in a template, and none is a public client"
    )
    assert [kind for kind in {each["Type"] for each in stack.resources.values()} if "Cognito" in kind] == []


def test_nobody_signs_up_by_themselves_and_a_pool_is_not_deleted_with_its_stack() -> None:
    own = deployed(OidcIssuer="")
    pool = own["UserPool"]

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["DeletionProtection"] == "ACTIVE"
    assert own.resources["UserPool"]["DeletionPolicy"] == own.resources["UserPool"]["UpdateReplacePolicy"] == "Retain"
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    assert pool["UserPoolTier"] == "LITE", "the tiers above are billed by the head"


@pytest.mark.parametrize("public_url", ["", "https://mcp.example"])
def test_the_pool_sends_people_back_to_the_stack_with_a_code_and_nowhere_else(public_url: str) -> None:
    own = deployed(OidcIssuer="", PublicUrl=public_url)
    client = own["UserPoolClient"]
    here = own["TokenApi"]["Environment"]["Variables"]["PUBLIC_URL"]

    assert client["CallbackURLs"] == [here + CALLBACK]
    assert client["LogoutURLs"] == [here + SIGNED_OUT]
    assert (client["AllowedOAuthFlowsUserPoolClient"], client["AllowedOAuthFlows"]) == (True, ["code"])
    assert client["GenerateSecret"] is False
    assert set(client["AllowedOAuthScopes"]) == set(SCOPES)
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert "ALLOW_USER_PASSWORD_AUTH" not in client["ExplicitAuthFlows"], "a password is typed on the pool's page alone"


def test_the_domain_of_the_pool_is_one_that_cognito_gives_to_nobody_else() -> None:
    domain = deployed(OidcIssuer="", Stage="prod")["UserPoolDomain"]["Domain"]

    assert domain == f"merchant-mcp-prod-{ACCOUNT}"
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", domain)
    assert not re.search("aws|amazon|cognito", domain), "words that Cognito refuses in a prefix"
