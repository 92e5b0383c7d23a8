"""Does this passage say this sentence? Rules over words, numbers, names and vectors; knows no model and no platform."""
