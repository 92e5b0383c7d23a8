"""`zhiku mcp`: search, read, ask and list for any MCP client: over stdio, and as a face of `zhiku serve`.

offer      what is offered: the agent's own tools for documents, and two more
results    what they bring back, as the protocol wants it
protocol   requests to answers
strict     JSON-RPC's error codes where the SDK has others
stdio      one client, over the pipes of this process
"""
