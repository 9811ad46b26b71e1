"""Queues: in SQS and in a folder."""
