"""GGUF models in this process, and OpenAI-compatible servers beyond it, as LangChain chat models."""
