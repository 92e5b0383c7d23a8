"""Models as people have them: found in the stores of other programs, fetched from the hubs, named in one way."""
