"""What AWS asks in us-east-1, in dollars, without free tiers: looked up in November 2026, and where.

`READ` says that the figure itself was read, on AWS's page or where somebody repeats it; the others are from memory, and
their page is where they can be looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000
REGION = "us-east-1"
AS_OF = "2026-11-23"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price as AWS states it: so many dollars for so much."""

    dollars: float
    of: float
    unit: str
    page: str
    was_read: bool
    """False: from memory."""

    def __call__(self, amount: float) -> float:
        """Give what an amount costs."""
        return amount * self.dollars / self.of


def _price(dollars: float, of: float, unit: str, page: str, *, read: bool = False) -> Price:
    return Price(dollars=dollars, of=of, unit=unit, page=f"https://aws.amazon.com/{page}/pricing/", was_read=read)


API_REQUEST = _price(1.00, MILLION, "requests to an HTTP API", "api-gateway", read=True)
INVOCATION = _price(0.20, MILLION, "invocations of Lambda", "lambda", read=True)
GB_SECOND = _price(0.0000166667, 1, "GB-second of Lambda, x86", "lambda", read=True)
WRITE_UNIT = _price(0.625, MILLION, "write units on demand", "dynamodb", read=True)
READ_UNIT = _price(0.125, MILLION, "read units on demand", "dynamodb", read=True)
TABLE_GB = _price(0.25, 1, "GB in a table, a month", "dynamodb", read=True)
RECOVERY_GB = _price(0.20, 1, "GB under point-in-time recovery, a month", "dynamodb")
PUT = _price(0.005, 1_000, "requests to S3 that write", "s3")
GET = _price(0.0004, 1_000, "requests to S3 that read", "s3")
OBJECT_GB = _price(0.023, 1, "GB in S3, a month", "s3")
LOG_GB = _price(0.50, 1, "GB of logs that come in", "cloudwatch", read=True)
ALARM = _price(0.10, 1, "alarm, a month", "cloudwatch")
METRIC = _price(0.30, 1, "metric of one's own, a month", "cloudwatch", read=True)
DASHBOARD = _price(3.00, 1, "dashboard, a month", "cloudwatch", read=True)
KEY = _price(1.00, 1, "key of KMS, a month", "kms", read=True)
SIGNATURE = _price(0.15, 10_000, "signatures of KMS, P-256", "kms", read=True)
SECRET = _price(0.40, 1, "secret, a month", "secrets-manager")
SCHEDULED = _price(1.00, MILLION, "invocations of EventBridge Scheduler", "eventbridge")
QUEUE_REQUEST = _price(0.40, MILLION, "requests to SQS", "sqs")
OUT_GB = _price(0.09, 1, "GB out of AWS", "ec2/on-demand", read=True)
