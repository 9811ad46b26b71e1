"""What must not be possible in tables, their streams and their rows."""

from __future__ import annotations

from shared.storage.rows import calls
from shared.storage.rows.envelope import trail_pk
from shared.storage.rows.facts import import_key, ledger_key, mark_key, rollups_pk, run_key, settings_key
from shared.storage.rows.seals import DUE, KEYS, LOG, NOTES
from shared.storage.rows.token_row import token_key
from shared.storage.rows.workspaces import contacts_pk, workspace_key
from tests.policies.never import API, CALLS, IMPORTER, NOTIFIER, PROJECTOR, SEALER, SWEEPER, Never, of

TOKEN = token_key("tok_1").pk
WORKSPACE = workspace_key("wks_1").pk
CONTACTS, SENT = contacts_pk("wks_1"), "NOTICE#01a1fdfa-ea60-7d15-9c0e-5a4be8f3a1c7"
MEMBERSHIP = f"P#{'0a1b2c3d' * 8}"
SETTINGS, IMPORT, LEDGER = settings_key("wks_1").pk, import_key("wks_1", "imp_1").pk, ledger_key("wks_1", 1).pk
A_DAY, SEALS, SEALED = trail_pk("wks_1", "2026-11-21"), "W#wks_1#SEALS", "W#wks_1#2026-11-21#SEALED"
PEOPLE, INDEX, HEAD, TAMPER = "W#wks_1#PEOPLE", "W#wks_1#TRAIL", "SEAL#wks_1", "TAMPER#wks_1"
OF_THE_LOG = (LOG, NOTES, KEYS)
MARK, RUN, ROLLUPS = mark_key("wks_1", 1).pk, run_key("wks_1").pk, rollups_pk("wks_1")
ACKNOWLEDGED, RUNNING = "T#wks_1#ALR", f"{ROLLUPS}#VARIANT#2026-07"

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
        why="it tells of people; the tool that tells what happened does, the REST API, and whoever seals it",
        actions=of("dynamodb", "Query"),
        on=("AuditTable",),
        keys=(A_DAY,),
        but=(CALLS, API, SEALER),
    ),
    Never(
        what="put a row into the trail",
        why="who does something says so; the notifier tells of what is there already",
        actions=of("dynamodb", "PutItem"),
        on=("AuditTable",),
        keys=(A_DAY,),
        but=(CALLS, API, PROJECTOR, SWEEPER, SEALER, IMPORTER),
    ),
    Never(
        what="put a seal, or something into the log of seals",
        why="what is sealed was so: who writes the rows must not be the one who seals them",
        actions=of("dynamodb", "PutItem"),
        on=("AuditTable",),
        keys=(SEALS, SEALED, *OF_THE_LOG),
        but=(SEALER,),
    ),
    Never(
        what="read the log of seals",
        why="it holds every workspace's seals; the REST API proves by it, and the sealer goes on with it",
        actions=of("dynamodb", "Query"),
        on=("AuditTable",),
        keys=(LOG, NOTES),
        but=(API, SEALER),
    ),
    Never(
        what="say what is to be sealed, or which calls are to be accounted for",
        why="the streams alone show all of it; TokenApi writes what it likes, see docs/permissions.md",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(DUE, calls.DUE),
        but=(API, PROJECTOR),
    ),
    Never(
        what="have nothing sealed, or a call not accounted for",
        why="whoever takes a mark away without doing its work hides rows from the seals",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(DUE, calls.DUE),
        but=(SEALER,),
    ),
    Never(
        what="say up to where a workspace is sealed",
        why="a head that was moved lets no seal follow; the projector notes on it how far it has read",
        actions=of("dynamodb", "UpdateItem"),
        on=("CoreTable",),
        keys=(HEAD,),
        but=(API, PROJECTOR, SEALER),
    ),
    Never(
        what="delete what is said of a trail: heads, index, keys of pseudonyms, what was tampered with",
        why="an index that lacks a day hides it; the key of somebody who is forgotten is put over, not deleted",
        actions=of("dynamodb", "DeleteItem"),
        on=("CoreTable",),
        keys=(HEAD, INDEX, PEOPLE, TAMPER),
    ),
    Never(
        what="change the index of a trail",
        why="it is folded from the seals; a question about the trail is answered by it",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(INDEX,),
        but=(API, PROJECTOR),
    ),
    Never(
        what="put the key of a pseudonym",
        why="another key is another person; the sealer makes one where there is none, and TokenApi forgets",
        actions=of("dynamodb", "PutItem"),
        on=("CoreTable",),
        keys=(PEOPLE,),
        but=(API, SEALER),
    ),
    Never(
        what="list the keys of pseudonyms",
        why="they tell who is meant by the names in the archive, which only those read who read the archive for people",
        actions=of("dynamodb", "Query"),
        on=("CoreTable",),
        keys=(PEOPLE,),
        but=(CALLS, API),
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
