"""merchant-mcp alerts: what somebody should deal with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from shared.domain.alerts.alert import AlertStatus
from shared.services.acknowledge_alert import acknowledge_alert
from shared.services.figures.list_alerts import Alert, AlertQuestion, AlertSources, list_alerts
from shared.transports.cli.output import AsJson, InWorkspace, say, show_json, show_table
from shared.transports.cli.place import Session, session_of

app = typer.Typer(help="What somebody should deal with: list, acknowledge.", no_args_is_help=True)

Status = Annotated[AlertStatus | None, typer.Option(help="Only those that stand so.", show_default=False)]


@app.command("list")
def list_(context: typer.Context, *, workspace_id: InWorkspace, status: Status = None, as_json: AsJson = False) -> None:
    """List what holds or held lately, open alerts first."""
    session = session_of(context)
    session.workspace(workspace_id)
    question = AlertQuestion(status=status)
    rows = list_alerts(question, workspace_id=workspace_id, now=session.now(), sources=_sources(session)).rows
    if as_json:
        show_json([_fields(alert) for alert in rows])
        return
    show_table(
        ("ID", "OPENED", "CATEGORY", "SEVERITY", "STATUS", "SCOPE", "TITLE"),
        (
            (c.alert_id, c.opened_at, c.category, c.severity, alert.status, c.scope, c.title)
            for alert in rows
            for c in [alert.condition]
        ),
        nothing="There is no such alert.",
    )


@app.command()
def acknowledge(
    context: typer.Context,
    *,
    alert_id: Annotated[str, typer.Argument(help="The id of an alert; list shows it.", show_default=False)],
    workspace_id: InWorkspace,
    as_json: AsJson = False,
) -> None:
    """Say that somebody deals with an alert: it is off the list of open ones as long as it holds."""
    session = session_of(context)
    session.workspace(workspace_id)
    alert = acknowledge_alert(
        alert_id, workspace_id=workspace_id, now=session.now(), origin=session.origin, sources=_sources(session)
    )
    if as_json:
        show_json(_fields(alert))
        return
    say(f"Acknowledged: {alert.condition.title}.")


def _sources(session: Session) -> AlertSources:
    return AlertSources(figures=session.on.figures, trail=session.on.trail, alerts=session.on.alerts)


def _fields(alert: Alert) -> dict[str, Any]:
    condition = asdict(alert.condition)
    del condition["is_over"]
    return {
        "alert_id": alert.condition.alert_id,
        **condition,
        "status": alert.status,
        "acknowledged_at": alert.acknowledged_at,
    }
