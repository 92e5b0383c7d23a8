"""From files to a searchable knowledge base. The stages overlap, joined by bounded queues:

    reading (a thread; parsing in processes)  ->  embedding (the caller's thread, all cores)
        ->  writing (a thread; one transaction per document)  ->  indexing (a thread; big batches)

The catalog is the truth from the moment a document's transaction ends. Killed anywhere, another `add` goes on.
"""

from ingest.pipeline.pipeline import Pipeline

__all__ = ["Pipeline"]
