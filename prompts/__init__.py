"""Every instruction to a model, one Markdown file per prompt and language."""
