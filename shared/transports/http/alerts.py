"""/v1/alerts: what somebody should deal with, and who has said that they do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.alerts.alert import AlertSeverity, AlertStatus, Category, Unit
from shared.domain.workspace.permissions import check_may_acknowledge
from shared.services.acknowledge_alert import acknowledge_alert
from shared.services.figures.list_alerts import Alert, AlertQuestion, AlertSources, categories_for, list_alerts
from shared.transports.http.collaborators import Caller, Collaborators, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/alerts", tags=["alerts"])


class AlertView(BaseModel):
    """Something that somebody should deal with."""

    id: str
    opened_at: datetime
    category: Category
    severity: AlertSeverity
    title: str
    metric: str
    scope: str = Field(description="`shop`, an ad platform, an account of a source, an import, a token.")
    value: int | None = Field(description="Millionths of the unit.")
    threshold: int | None = Field(description="Millionths of the unit.")
    unit: Unit
    status: AlertStatus
    acknowledged_at: datetime | None

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """Show an alert."""
        condition = alert.condition
        return cls(
            id=condition.alert_id,
            opened_at=condition.opened_at,
            category=condition.category,
            severity=condition.severity,
            title=condition.title,
            metric=condition.metric,
            scope=condition.scope,
            value=condition.value,
            threshold=condition.threshold,
            unit=condition.unit,
            status=alert.status,
            acknowledged_at=alert.acknowledged_at,
        )


class AlertList(BaseModel):
    """The alerts, open ones first."""

    data: list[AlertView]


def _sources(parts: Collaborators) -> AlertSources:
    return AlertSources(figures=parts.figures, trail=parts.trail, alerts=parts.alerts)


class AlertsQuery(BaseModel):
    """Which alerts are wanted."""

    model_config = ConfigDict(extra="forbid")

    status: AlertStatus | None = Field(default=None, description="Left out: of any.")
    category: Category | None = Field(default=None, description="Left out: of any that the role may see.")
    severity: AlertSeverity | None = Field(default=None, description="Left out: of any.")


@router.get("", responses=refused_with(*CALLER))
def list_(query: Annotated[AlertsQuery, Query()], caller: Caller, now: Now, parts: Parts) -> AlertList:
    """List what somebody should deal with, open alerts first; those of tokens for owners and admins only."""
    report = list_alerts(
        AlertQuestion(
            status=query.status,
            categories=categories_for(caller.member, query.category),
            severity=query.severity,
        ),
        workspace_id=caller.workspace_id,
        now=now,
        sources=_sources(parts),
    )
    return AlertList(data=[AlertView.of(alert) for alert in report.rows])


@router.post("/{alert_id}/acknowledge", responses=refused_with(*CALLER, *BODY))
def acknowledge(alert_id: str, caller: Caller, now: Now, parts: Parts) -> AlertView:
    """Say that somebody deals with an alert, for owners and admins; saying it twice changes nothing."""
    check_may_acknowledge(caller.member)
    alert = acknowledge_alert(
        alert_id, workspace_id=caller.workspace_id, now=now, origin=caller.origin, sources=_sources(parts)
    )
    return AlertView.of(alert)
