"""The sample workspace's figures: a made-up kitchenware shop, the same for everybody and every day that is asked for.

A day is drawn from a generator that is seeded with that day, so days can be made in any order and any number of times:
a stack that starts a week later asks for the seven days that it lacks, and they fit.
"""
