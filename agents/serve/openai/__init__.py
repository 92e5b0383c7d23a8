"""/v1: what clients of OpenAI's API ask for.

forms        what they send
naming       which model they mean: a knowledge base, the language model itself, the embedder
grounded     a knowledge base: answers with proof
raw          the language model itself, tools passed through
replies      both as whole completions and as chunks
routes       the endpoints
"""
