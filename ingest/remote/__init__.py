"""A library on another machine: the same methods, over the API of its `zhiku serve`.

connection      requests, streams, and problems as our errors
library         documents in, hits out
"""
