"""How much memory a model will take, where its layers go, and what fits: from the file's header, before loading it."""

from __future__ import annotations
