"""A chat for visitors of other people's web pages: one script tag, a key that is no secret and opens nothing else.

routes      what the script asks for
widget.js   the script, as it is served: no build step
"""
