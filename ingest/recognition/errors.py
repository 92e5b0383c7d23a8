"""Why a picture could not be recognised."""

from ingest.errors import ZhikuError


class RecognitionError(ZhikuError):
    """A picture could not be read: told in a note on the document, which keeps what else it holds."""
