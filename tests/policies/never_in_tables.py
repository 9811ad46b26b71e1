"""What must not be possible in tables, their streams and their rows."""

from __future__ import annotations

from shared.storage.rows.facts import import_key, ledger_key, mark_key, rollups_pk, run_key, settings_key
from shared.storage.rows.token_row import token_key
from shared.storage.rows.workspaces import contacts_pk, workspace_key
from tests.policies.never import API, CALLS, IMPORTER, NOTIFIER, PROJECTOR, SWEEPER, Never, of

TOKEN = token_key("tok_1").pk
WORKSPACE = workspace_key("wks_1").pk
CONTACTS, SENT = contacts_pk("wks_1"), "NOTICE#01a1fdfa-ea60-7d15-9c0e-5a4be8f3a1c7"
MEMBERSHIP = f"P#{'0a1b2c3d' * 8}"
SETTINGS, IMPORT, LEDGER = settings_key("wks_1").pk, import_key("wks_1", "imp_1").pk, ledger_key("wks_1", 1).pk
MARK, RUN, ROLLUPS = mark_key("wks_1", 1).pk, run_key("wks_1").pk, rollups_pk("wks_1")

IN_TABLES = (
    # --- the trail ---------------------------------------------------------------------------------------------------
    Never(
        what="change or delete a row of the trail",
        why="it is append-only: what it says of a function must not be in that function's hands",
        actions=of(
            "dynamodb", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"
        ),
        on=("AuditTable",),
    ),
    Never(
        what="page through the trail",
        why="it tells of people; the REST API shows it to owners and admins",
        actions=of("dynamodb", "Query"),
        on=("AuditTable",),
        but=(API,),
    ),
    Never(
        what="read a row of the trail by its key",
        why="nothing needs it: the trail is read by day",
        actions=of("dynamodb", "GetItem", "BatchGetItem", "ConditionCheckItem"),
        on=("AuditTable",),
    ),
    # --- tables ------------------------------------------------------------------------------------------------------
    Never(
        what="speak PartiQL",
        why="one string decides what is read and written, past the keys that the stores make",
        actions=of("dynamodb", "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"),
    ),
    Never(
        what="write in batches",
        why="a batch takes no condition: it would overwrite what another writer has just changed",
        actions=of("dynamodb", "BatchWriteItem"),
    ),
    Never(
        what="scan",
        why="a whole table is all tenants",
        actions=of("dynamodb", "Scan"),
    ),
    Never(
        what="make, change, copy or remove a table",
        why="whoever takes a function over must not take the table away, nor the limits that it keeps",
        actions=of(
            "dynamodb",
            "CreateTable",
            "DeleteTable",
            "UpdateTable",
            "UpdateTimeToLive",
            "UpdateContinuousBackups",
            "CreateBackup",
            "DeleteBackup",
            "RestoreTableFromBackup",
            "RestoreTableToPointInTime",
            "ExportTableToPointInTime",
            "ImportTable",
            "EnableKinesisStreamingDestination",
            "PutResourcePolicy",
            "DeleteResourcePolicy",
        ),
    ),
    Never(
        what="touch a table of another stack, account or region",
        why="a role ends where its stack ends",
        actions=of("dynamodb", "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
        on=("a table of another stack", "the same table in another account", "the same table in another region"),
        keys=(TOKEN,),
    ),
    Never(
        what="follow the streams",
        why="a stream shows every change of every tenant",
        actions=of("dynamodb", "GetRecords", "GetShardIterator", "DescribeStream"),
        on=("the stream of AuditTable", "the stream of FactsTable"),
        but=(PROJECTOR,),
    ),
    Never(
        what="follow the stream of core",
        why="the same; the notifier is given of it what people are told of",
        actions=of("dynamodb", "GetRecords", "GetShardIterator", "DescribeStream"),
        on=("the stream of CoreTable",),
        but=(NOTIFIER, PROJECTOR),
    ),
    Never(
        what="ask what is due",
        why="the index goes through the tokens of all tenants",
        actions=of("dynamodb", "Query"),
        on=("CoreTable/due",),
        but=(SWEEPER,),
    ),
    # --- rows --------------------------------------------------------------------------------------------------------
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
        what="put settings, imports or entries of the ledger",
        why="a call reads, and a fold follows the ledger: neither may make up what others will be told",
        actions=of("dynamodb", "PutItem"),
        on=("FactsTable",),
        keys=(SETTINGS, IMPORT, LEDGER),
        but=(IMPORTER,),
    ),
    Never(
        what="update a row beside the figures",
        why="only the record of an import changes, as the import goes on; all other rows are put whole",
        actions=of("dynamodb", "UpdateItem"),
        on=("FactsTable",),
        keys=(SETTINGS, IMPORT, LEDGER, MARK, RUN, ROLLUPS),
        but=(IMPORTER,),
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
        what="delete figures, settings or imports",
        why="only the mark that a month is to be folded anew is ever deleted",
        actions=of("dynamodb", "DeleteItem"),
        on=("FactsTable",),
        keys=(SETTINGS, IMPORT, LEDGER, ROLLUPS, RUN),
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
