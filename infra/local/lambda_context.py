"""The second argument of a handler, as Lambda's Python runtime gives it."""

import time
from dataclasses import dataclass

REGION = "us-east-1"
ACCOUNT = "000000000000"  # no account has this id: an ARN of the local stack can never name a real thing


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaContext:
    """What Powertools and our handlers read of an invocation."""

    aws_request_id: str
    function_name: str
    memory_limit_in_mb: int
    deadline: float  # seconds since the epoch

    @property
    def invoked_function_arn(self) -> str:
        """The function as AWS would name it."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the event may still take."""
        return max(0, int((self.deadline - time.time()) * 1000))
