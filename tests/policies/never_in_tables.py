"""What must not be possible with the trail, and with tables and their streams."""

from __future__ import annotations

from shared.storage.rows import calls
from shared.storage.rows.envelope import trail_pk
from shared.storage.rows.seals import DUE, KEYS, LOG, NOTES
from shared.storage.rows.token_row import token_key
from tests.policies.never import API, CALLS, IMPORTER, NOTIFIER, PROJECTOR, SEALER, SWEEPER, Never, of

TOKEN = token_key("tok_1").pk
A_DAY, SEALS, SEALED = trail_pk("wks_1", "2026-11-21"), "W#wks_1#SEALS", "W#wks_1#2026-11-21#SEALED"
PEOPLE, INDEX, HEAD, TAMPER = "W#wks_1#PEOPLE", "W#wks_1#TRAIL", "SEAL#wks_1", "TAMPER#wks_1"
OF_THE_LOG = (LOG, NOTES, KEYS)

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
        actions=of("dynamodb", "GetItem", "ConditionCheckItem"),
        on=("AuditTable",),
    ),
    Never(
        what="read rows of the trail by their keys",
        why="it is read by day; the list of tokens says of each by which call it was used last",
        actions=of("dynamodb", "BatchGetItem"),
        on=("AuditTable",),
        keys=(A_DAY,),
        but=(API,),
    ),
    Never(
        what="read seals or the log of seals by their keys",
        why="nothing needs it: they are read in their order",
        actions=of("dynamodb", "BatchGetItem"),
        on=("AuditTable",),
        keys=(SEALS, SEALED, *OF_THE_LOG),
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
)
