"""Which way of enforcing a schema suits a model: tried once on small tasks, and kept by what is in its file."""
