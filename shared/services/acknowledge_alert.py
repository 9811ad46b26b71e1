"""Records that somebody has seen an alert."""

from __future__ import annotations

from datetime import datetime

from shared.domain.alerts.alert import AlertAcknowledged, AlertStatus
from shared.domain.errors import Conflict, NotFound
from shared.services.figures.list_alerts import Alert, AlertQuestion, AlertSources, list_alerts
from shared.storage.contracts.streams import Origin


def acknowledge_alert(
    alert_id: str, *, workspace_id: str, now: datetime, origin: Origin, sources: AlertSources
) -> Alert:
    """Take an alert off the list of open ones, with an event in the trail; one that was acknowledged stays so.

    Raises:
        NotFound: there is no such alert, or none any more (`alert_not_found`).
        Conflict: it is over (`alert_resolved`).

    """
    alert = _find(alert_id, workspace_id, now, sources)
    if alert.status is AlertStatus.RESOLVED:
        raise Conflict(
            "alert_resolved",
            "This alert is over: there is nothing to acknowledge.",
            hint="List the open alerts: it is none of them.",
        )
    if alert.status is AlertStatus.OPEN:
        condition = alert.condition
        event = AlertAcknowledged(alert_id=alert_id, category=condition.category, metric=condition.metric, at=now)
        sources.alerts.acknowledge(workspace_id, event, origin=origin)
    return _find(alert_id, workspace_id, now, sources)


def _find(alert_id: str, workspace_id: str, now: datetime, sources: AlertSources) -> Alert:
    report = list_alerts(AlertQuestion(status=None), workspace_id=workspace_id, now=now, sources=sources)
    for alert in report.rows:
        if alert.condition.alert_id == alert_id:
            return alert
    raise NotFound("alert_not_found", "There is no such alert.", hint="List the alerts: one that is long over is gone.")
