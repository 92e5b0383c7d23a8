"""Text in pictures: lines with their places, recognised here or by a server, kept by what the picture holds.

recogniser = opened(Recognition())          # None where it is off or cannot be had
found = recogniser.recognise(picture)       # Recognised: lines, tables' rules, in the upright page's frame
"""

from ingest.recognition.options import Recognition
from ingest.recognition.recognised import Frame, Recognised, RecognitionError, TextLine
from ingest.recognition.recogniser import Recogniser, opened

__all__ = ["Frame", "Recognised", "Recogniser", "Recognition", "RecognitionError", "TextLine", "opened"]
