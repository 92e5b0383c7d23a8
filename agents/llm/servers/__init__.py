"""Models behind OpenAI-compatible servers: llama-server, vLLM, Ollama, SGLang, LM Studio, or a cloud's; one or several."""
