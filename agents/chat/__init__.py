"""One question, one proven answer: rewrite, search, show the evidence, write, check."""
