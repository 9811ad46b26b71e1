"""What must not be possible with rows of a kind: of tokens, workspaces and people, and of figures."""

from __future__ import annotations

from shared.storage.rows.facts import import_key, ledger_key, mark_key, rollups_pk, run_key, settings_key
from shared.storage.rows.workspaces import contacts_pk, workspace_key
from tests.policies.never import API, CALLS, IMPORTER, NOTIFIER, PROJECTOR, SWEEPER, Never, of
from tests.policies.never_in_tables import TOKEN

WORKSPACE = workspace_key("wks_1").pk
CONTACTS, SENT = contacts_pk("wks_1"), "NOTICE#01a1fdfa-ea60-7d15-9c0e-5a4be8f3a1c7"
MEMBERSHIP = f"P#{'0a1b2c3d' * 8}"
SESSION, CODE = f"SESSION#{'0a1b2c3d' * 8}", f"CODE#{'0a1b2c3d' * 8}"
SETTINGS, IMPORT, LEDGER = settings_key("wks_1").pk, import_key("wks_1", "imp_1").pk, ledger_key("wks_1", 1).pk
MARK, RUN, ROLLUPS = mark_key("wks_1", 1).pk, run_key("wks_1").pk, rollups_pk("wks_1")
ACKNOWLEDGED, RUNNING = "T#wks_1#ALR", f"{ROLLUPS}#VARIANT#2026-07"

IN_ROWS = (
    Never(
        what="delete a token",
        why="tokens end by an event, and their rows stay",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(TOKEN,),
    ),
    Never(
        what="delete a membership",
        why="whoever leaves a workspace loses it, over the REST API; the transaction names the workspace as well",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(MEMBERSHIP, WORKSPACE),
        but=(API,),
    ),
    Never(
        what="put a workspace or a membership",
        why="who is in them says who sees what they hold; TokenApi makes tokens for all of them anyway",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(WORKSPACE, MEMBERSHIP, "WORKSPACES"),
        but=(API,),
    ),
    Never(
        what="list the addresses of members",
        why="they are personal data: members see some of them over the REST API, and letters are written to them",
        actions=of("dynamodb", "Query"),
        on=("CoreTable",),
        keys=(CONTACTS,),
        but=(API, NOTIFIER),
    ),
    Never(
        what="read the address of a member by its key",
        why="nothing needs it but whoever keeps them; a call least of all",
        actions=of("dynamodb", "GetItem", "BatchGetItem"),
        on=("CoreTable",),
        keys=(CONTACTS,),
        but=(API,),
    ),
    Never(
        what="put or delete the address of a member",
        why="whoever does so chooses who hears of a leak",
        actions=of("dynamodb", "PutItem", "DeleteItem"),
        on=("CoreTable",),
        keys=(CONTACTS,),
        but=(API,),
    ),
    Never(
        what="note that a notice was sent",
        why="whoever does so keeps it from being sent; TokenApi writes what it likes, see docs/permissions.md",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(SENT,),
        but=(API, NOTIFIER),
    ),
    Never(
        what="change a workspace",
        why="the same; the sweep takes the wish for a fencing off its row when it has finished it",
        actions=of("dynamodb", "UpdateItem"),
        on=("CoreTable",),
        keys=(WORKSPACE,),
        but=(API, SWEEPER),
    ),
    Never(
        what="change a membership",
        why="the same",
        actions=of("dynamodb", "UpdateItem"),
        on=("CoreTable",),
        keys=(MEMBERSHIP, "WORKSPACES"),
        but=(API,),
    ),
    Never(
        what="put a token",
        why="a token is made by a person over the REST API; the sweep puts what befell one, as that it has expired",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(TOKEN,),
        but=(API, SWEEPER),
    ),
    Never(
        what="change a token",
        why="the importer reads files that strangers made: nothing that it can be led to do reaches a token",
        actions=of("dynamodb", "UpdateItem"),
        on=("CoreTable",),
        keys=(TOKEN,),
        but=(CALLS, API, PROJECTOR, SWEEPER),
    ),
    Never(
        what="begin a session, or keep or use a code of a client",
        why="whoever does so is signed in as whom they like, or lets a client in for them",
        actions=of("dynamodb", "PutItem", "UpdateItem"),
        on=("CoreTable",),
        keys=(SESSION, CODE),
        but=(API,),
    ),
    Never(
        what="read a session or a code",
        why="they say who is signed in, and what was let in; nobody else has to know",
        actions=of("dynamodb", "GetItem", "BatchGetItem", "Query"),
        on=("CoreTable",),
        keys=(SESSION, CODE),
        but=(API,),
    ),
    Never(
        what="end a session",
        why="people end theirs, by signing out; time ends the others",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(SESSION,),
        but=(API,),
    ),
    Never(
        what="delete a code",
        why="one that was used stays for a day, so that its second use shows",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(CODE,),
    ),
    Never(
        what="put settings or entries of the ledger",
        why="a call reads, and a fold follows the ledger: neither may make up what others will be told",
        actions=of("dynamodb", "PutItem"),
        on=("FactsTable",),
        keys=(SETTINGS, LEDGER),
        but=(IMPORTER,),
    ),
    Never(
        what="put or change the record of an import",
        why="it is announced by the members over the REST API, and goes on as its file is read",
        actions=of("dynamodb", "PutItem", "UpdateItem"),
        on=("FactsTable",),
        keys=(IMPORT,),
        but=(API, IMPORTER),
    ),
    Never(
        what="update a row beside the figures",
        why="only the record of an import changes, as the import goes on; all other rows are put whole",
        actions=of("dynamodb", "UpdateItem"),
        on=("FactsTable",),
        keys=(SETTINGS, LEDGER, MARK, RUN, ROLLUPS, ACKNOWLEDGED),
        but=(IMPORTER,),
    ),
    Never(
        what="read settings or rollups",
        why="who tells people, sweeps and seals needs neither; the REST API tells of alerts, which are made of them",
        actions=of("dynamodb", "GetItem"),
        on=("FactsTable",),
        keys=(SETTINGS, ROLLUPS),
        but=(CALLS, API, PROJECTOR, IMPORTER),
    ),
    Never(
        what="go through rollups, or what was acknowledged",
        why="the same: unusual days, and costs that are not known, stand in the rollups of several months",
        actions=of("dynamodb", "Query"),
        on=("FactsTable",),
        keys=(ROLLUPS, ACKNOWLEDGED),
        but=(CALLS, API, PROJECTOR, IMPORTER),
    ),
    Never(
        what="read figures of another kind, or what they are made of",
        why="no alert is made of running sums or of the ledger: over the REST API there is no way to them",
        actions=of("dynamodb", "GetItem", "Query"),
        on=("FactsTable",),
        keys=(LEDGER, RUNNING),
        but=(CALLS, PROJECTOR, IMPORTER),
    ),
    Never(
        what="acknowledge an alert",
        why="owners and admins do, over the REST API: whoever else does hides what somebody should deal with",
        actions=of("dynamodb", "PutItem"),
        on=("FactsTable",),
        keys=(ACKNOWLEDGED,),
        but=(API, IMPORTER),
    ),
    Never(
        what="put rollups",
        why="they are folded out of the facts; who serves calls only reads them",
        actions=of("dynamodb", "PutItem"),
        on=("FactsTable",),
        keys=(ROLLUPS, RUN),
        but=(IMPORTER, PROJECTOR),
    ),
    Never(
        what="delete figures, settings, imports or what was acknowledged",
        why="only the mark that a month is to be folded anew is ever deleted",
        actions=of("dynamodb", "DeleteItem"),
        on=("FactsTable",),
        keys=(SETTINGS, IMPORT, LEDGER, ROLLUPS, ACKNOWLEDGED),
    ),
    Never(
        what="delete a claim",
        why="the run that checks it while it takes away sums may; anybody else would let two runs store at once",
        actions=of("dynamodb", "DeleteItem"),
        on=("FactsTable",),
        keys=(RUN,),
        but=(PROJECTOR,),
    ),
    Never(
        what="delete a mark",
        why="whoever does so hides that figures are out of date",
        actions=of("dynamodb", "DeleteItem"),
        on=("FactsTable",),
        keys=(MARK,),
        but=(PROJECTOR,),
    ),
)
