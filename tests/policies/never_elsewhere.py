"""What must not be possible with keys, objects, functions, queues and logs."""

from __future__ import annotations

from tests.policies.never import (
    API,
    CALLS,
    IMPORTER,
    NOTIFIER,
    PROJECTOR,
    SEALER,
    SWEEPER,
    TO_SEAL,
    TO_SWEEP,
    Never,
    of,
)
from tests.policies.places import SCHEDULED
from tests.sam.stack import FUNCTIONS

ELSEWHERE = (
    # --- keys --------------------------------------------------------------------------------------------------------
    Never(
        what="read the keys of credentials",
        why="whoever holds them can make tokens that verify",
        actions=("secretsmanager:GetSecretValue",),
        on=("CredentialKeys",),
        but=(CALLS, API, SWEEPER),
    ),
    Never(
        what="read the keys of customer references",
        why="whoever holds them can tell whether a customer is in the figures",
        actions=("secretsmanager:GetSecretValue",),
        on=("DataKeys",),
        but=(IMPORTER,),
    ),
    Never(
        what="read another stack's secret",
        why="a role ends where its stack ends",
        actions=("secretsmanager:GetSecretValue",),
        on=("a secret of another stack",),
    ),
    Never(
        what="change or delete a secret",
        why="another key ends every token at once",
        actions=of(
            "secretsmanager",
            "PutSecretValue",
            "UpdateSecret",
            "UpdateSecretVersionStage",
            "RotateSecret",
            "DeleteSecret",
            "PutResourcePolicy",
        ),
    ),
    Never(
        what="use a key of KMS by a policy of its own",
        why="tables, buckets and secrets are encrypted by keys of AWS's own, which ask the caller for no right",
        actions=("kms:*",),
    ),
    Never(
        what="sign the log of seals",
        why="whoever signs says what the trail was",
        actions=("kms:Sign",),
        on=("SigningKey",),
        but=(SEALER,),
    ),
    Never(
        what="choose who signs the log, or end its key",
        why="the same",
        actions=of(
            "kms",
            "CreateGrant",
            "PutKeyPolicy",
            "ReplicateKey",
            "DisableKey",
            "ScheduleKeyDeletion",
            "UpdateKeyDescription",
        ),
        on=("SigningKey",),
    ),
    # --- objects -----------------------------------------------------------------------------------------------------
    Never(
        what="read a file as it was uploaded",
        why="it holds personal data",
        actions=of("s3", "GetObject"),
        on=("Bucket/raw",),
        but=(IMPORTER,),
    ),
    Never(
        what="read the facts",
        why="calls are answered from rollups",
        actions=of("s3", "GetObject"),
        on=("Bucket/facts",),
        but=(PROJECTOR, IMPORTER),
    ),
    Never(
        what="write facts",
        why="they come from imports alone",
        actions=of("s3", "PutObject", "AbortMultipartUpload"),
        on=("Bucket/facts",),
        but=(IMPORTER,),
    ),
    Never(
        what="keep or end the parts of files that are half read",
        why="they hold what was uploaded; each is one run's word to the next",
        actions=of("s3", "GetObject", "PutObject", "AbortMultipartUpload", "DeleteObject"),
        on=("Bucket/staging",),
        but=(IMPORTER,),
    ),
    Never(
        what="read or write outside of the three folders of the bucket",
        why="nothing of ours lies there",
        actions=of("s3", "GetObject", "PutObject"),
        on=("Bucket/elsewhere",),
    ),
    Never(
        what="archive rows of the trail",
        why="they are archived by whoever seals them, so that there is no seal without its rows",
        actions=of("s3", "PutObject"),
        on=("Archive/trail",),
        but=(SEALER,),
    ),
    Never(
        what="read the archive",
        why="it tells of people, if by pseudonyms; calls read it for the one tool that tells what happened",
        actions=of("s3", "GetObject"),
        on=("Archive/trail",),
        but=(CALLS, API, PROJECTOR),
    ),
    Never(
        what="read or write outside of the one folder of the archive",
        why="nothing of ours lies there",
        actions=of("s3", "GetObject", "PutObject"),
        on=("Archive/elsewhere",),
    ),
    Never(
        what="put a file to be imported",
        why="a function that could would import what it made up; the REST API signs addresses for one file each, by "
        "its length and digest, and members send it there",
        actions=of("s3", "PutObject"),
        on=("Bucket/raw",),
        but=(API,),
    ),
    Never(
        what="delete an object that is to be kept",
        why="the bucket's own rules end what is old",
        actions=of("s3", "DeleteObject"),
        on=("Bucket/raw", "Bucket/facts", "Bucket/elsewhere", "Archive/trail", "Archive/elsewhere"),
    ),
    Never(
        what="reach an older version of an object, or what locks it",
        why="versions are what a mistake is mended from",
        actions=of(
            "s3",
            "DeleteObjectVersion",
            "GetObjectVersion",
            "RestoreObject",
            "BypassGovernanceRetention",
            "PutObjectRetention",
            "PutObjectLegalHold",
            "PutBucketObjectLockConfiguration",
        ),
    ),
    Never(
        what="list objects",
        why="their names tell which workspaces there are; the ledger says what an import has made",
        actions=of("s3", "ListBucket", "ListBucketVersions", "ListBucketMultipartUploads", "ListAllMyBuckets"),
    ),
    Never(
        what="list what the archive holds",
        why="the same; how many objects a workspace has tells how busy it is",
        actions=of("s3", "ListBucket"),
        on=("Archive",),
        keys=("trail/", "trail/wks_1/", "trail/wks_1/0000000001-", "raw/wks_1/orders.ndjson"),
    ),
    Never(
        what="be told of an object of the archive, by its whole name, that it is missing",
        why="it is for those who read it: they say that rows are missing and do not pass them over",
        actions=of("s3", "ListBucket"),
        on=("Archive",),
        keys=("trail/wks_1/0000000001-5eed.ndjson.gz",),
        but=(CALLS, API, PROJECTOR),
    ),
    Never(
        what="change what holds for the bucket or for who may read an object",
        why="one of these would open it to the world, or end what is kept",
        actions=of(
            "s3",
            "DeleteBucket",
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketAcl",
            "PutObjectAcl",
            "PutBucketPublicAccessBlock",
            "PutBucketOwnershipControls",
            "PutBucketVersioning",
            "PutBucketNotification",
            "PutEncryptionConfiguration",
            "PutLifecycleConfiguration",
            "PutReplicationConfiguration",
        ),
    ),
    Never(
        what="touch an object of another bucket",
        why="a role ends where its stack ends",
        actions=of("s3", "GetObject", "PutObject", "DeleteObject"),
        on=("an object of another stack",),
    ),
    # --- functions, roles, queues, logs ------------------------------------------------------------------------------
    Never(
        what="call a function",
        why="functions meet in tables and in buckets; two schedules alone call one each",
        actions=("lambda:InvokeFunction",),
        on=(*(f"{function}:live" for function in FUNCTIONS if function not in SCHEDULED), *FUNCTIONS),
    ),
    *(
        Never(
            what=f"call {function}",
            why="its schedule does, by its alias",
            actions=("lambda:InvokeFunction",),
            on=(f"{function}:live",),
            but=(schedule,),
        )
        for function, schedule in (("Sweeper", TO_SWEEP), ("Sealer", TO_SEAL))
    ),
    Never(
        what="change a function, its settings or who calls it",
        why="code of another's making would run with the function's rights",
        actions=of(
            "lambda",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "UpdateAlias",
            "PublishVersion",
            "AddPermission",
            "CreateFunctionUrlConfig",
            "UpdateEventSourceMapping",
            "GetFunction",
        ),
    ),
    Never(
        what="touch IAM at all",
        why="a role that can give rights has all of them",
        actions=("iam:*",),
    ),
    Never(
        what="become another role",
        why="the same",
        actions=of("sts", "AssumeRole", "AssumeRoleWithWebIdentity", "GetFederationToken"),
    ),
    Never(
        what="take messages out of a queue of failures",
        why="they are what an operator mends failures from",
        actions=of("sqs", "ReceiveMessage", "DeleteMessage"),
        on=("ProjectorFailures", "ImporterFailures"),
    ),
    Never(
        what="empty, change or delete a queue",
        why="the same",
        actions=of("sqs", "PurgeQueue", "DeleteQueue", "SetQueueAttributes"),
    ),
    Never(
        what="say which files are half imported, or take them on",
        why="only a run of the importer leads to the next one",
        actions=of("sqs", "SendMessage", "ReceiveMessage", "DeleteMessage"),
        on=("ImportParts",),
        but=(IMPORTER,),
    ),
    Never(
        what="hand over failed stream records",
        why="Lambda does it in the name of the function that they were for",
        actions=("sqs:SendMessage",),
        on=("ProjectorFailures",),
        but=(NOTIFIER, PROJECTOR),
    ),
    Never(
        what="hand over failed imports",
        why="the same",
        actions=("sqs:SendMessage",),
        on=("ImporterFailures",),
        but=(IMPORTER,),
    ),
    Never(
        what="read or end logs",
        why="a function that is taken over could look for secrets there, or wipe its traces",
        actions=of(
            "logs",
            "GetLogEvents",
            "FilterLogEvents",
            "StartQuery",
            "DeleteLogStream",
            "DeleteLogGroup",
            "PutRetentionPolicy",
            "CreateLogGroup",
        ),
    ),
    Never(
        what="write the access log or another stack's log",
        why="the gateway writes the first",
        actions=of("logs", "PutLogEvents", "CreateLogStream"),
        on=("AccessLog", "a log of another stack"),
    ),
    *(
        Never(
            what=f"write the log of {function}",
            why="what a log says of a function comes from that function",
            actions=of("logs", "PutLogEvents", "CreateLogStream"),
            on=(f"{function}Log",),
            but=(f"{function}Role",),
        )
        for function in FUNCTIONS
    ),
    Never(
        what="raise an alarm",
        why="whoever takes a function over must not hide behind false ones",
        actions=("sns:Publish",),
        on=("Alarms", "a topic of another stack"),
    ),
    Never(
        what="silence an alarm, or end a subscription",
        why="the same, and it must not switch off who would notice",
        actions=("sns:Unsubscribe", "cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions"),
    ),
    # --- notices -----------------------------------------------------------------------------------------------------
    Never(
        what="tell subscribers",
        why="programs act on notices; only what the stream of core shows may lead to one",
        actions=("sns:Publish",),
        on=("Notices",),
        but=(NOTIFIER,),
    ),
    Never(
        what="write a letter, in any way but that of the sender whom the deployment names",
        why="mail in the merchant's name is what a thief would send; tests/policies/test_letters.py tries the sender",
        actions=of(
            "ses", "SendEmail", "SendRawEmail", "SendBulkEmail", "SendTemplatedEmail", "SendCustomVerificationEmail"
        ),
        on=("a verified identity",),
    ),
    Never(
        what="change who may send mail, or who subscribes",
        why="the same",
        actions=of("ses", "CreateEmailIdentity", "DeleteEmailIdentity", "PutAccountDetails")
        + of("sns", "Subscribe", "SetTopicAttributes", "AddPermission", "DeleteTopic"),
    ),
)
