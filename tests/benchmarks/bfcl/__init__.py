"""Tool calls on the records of the Berkeley Function-Calling Leaderboard (BFCL): are they valid, and are they right?

records    what a file holds
matching   its rules of what is right
calling    what becomes of a record with a model

`python -m tests.benchmarks.bfcl FILE…` measures a model on files; `agents_peers` measures other libraries beside ours.
"""
