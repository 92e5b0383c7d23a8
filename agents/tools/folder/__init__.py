"""One folder whose files an agent may see and change, and no way out of it."""
