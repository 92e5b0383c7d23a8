"""A platform on another machine: the same methods, over the API of its `zhiku serve`. `open_platform("https://…", key=…)`.

connection      requests, streams, and problems as our errors
library         documents in, hits out
chat            questions, conversations, proof
tasks           agents and their runs
platform        all of it, as `agents.platform` has it
"""
