"""Thinking: the language model, the chat that proves its answers, the agent."""
