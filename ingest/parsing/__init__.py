"""Files parsed in processes of their own, so that no file can hang, crash or exhaust the program.

with Parser(workers=1, timeout_seconds=120, memory_bytes=2 << 30) as parser:
    for path, outcome in parser.parse(paths):   # outcome: Parsed or LoadError
        ...
"""

from ingest.parsing.parser import Parser
from ingest.parsing.precheck import precheck, unreadable

__all__ = ["Parser", "precheck", "unreadable"]
