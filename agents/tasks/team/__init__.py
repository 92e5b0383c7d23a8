"""Several models at one task: each member has its own part, tools and model, and all of them read one thread."""
