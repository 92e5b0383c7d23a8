"""Tool calls on the records of the Berkeley Function-Calling Leaderboard (BFCL): are they valid, and are they right?

records    what a file holds
matching   its rules of what is right
calling    what becomes of a record with a model
beside     ours beside other libraries on the same file, on record

`python -m tests.benchmarks.bfcl FILE…` measures a model on files of the user's own.

    make bench only=bfcl model=FILE [questions=N per file] [sets=simple,multiple] [chains=zhiku,create_agent] [name=RUN]
    make bench only=bfcl compare=RUN_A,RUN_B

The same command goes on where it was cut off: each reply is a line of bench/tools/RUN.jsonl.
"""

from __future__ import annotations


def run(**options: str) -> str:
    """See `beside.run`."""
    from tests.benchmarks.bfcl.beside import run as measured

    return measured(**options)
