"""The Model Context Protocol, both ways: `server` gives the library to any MCP client, `client` gives any MCP
server's tools to the agent. Importing this loads nothing of the protocol."""
