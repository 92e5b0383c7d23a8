"""Tools a model may call: your own by `@tool`, any LangChain tool, and those that ship with Zhiku."""
