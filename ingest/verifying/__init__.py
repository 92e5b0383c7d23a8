"""Models that judge whether a source says a sentence, and the measure of whether such a judge is to be believed.

`verifier` runs the one that the settings name; `probes` and `threshold` measure any judge, a chat model's vote too.
"""
