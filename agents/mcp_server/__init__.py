"""`zhiku mcp`: search, read, ask and list for any MCP client, over stdio or HTTP on this machine.

offer      what is offered, as plain functions from arguments to JSON
catalog    the tools as the protocol describes them
protocol   requests to answers
strict     JSON-RPC's error codes where the SDK has others
stdio      one client, over the pipes of this process
http       several clients, on loopback
"""
