"""A platform on another machine: the same methods, over the API of its `zhiku serve`. `open_platform("https://…", key=…)`.

chat            questions, conversations, proof
tasks           agents and their runs
platform        all of it, as `agents.platform` has it, with the library of `ingest.remote`
"""
