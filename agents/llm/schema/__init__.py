"""JSON Schema as constrained replies need it: checked, bounded, and never silently thinner than it was."""
