"""Other readers of documents; runs in an interpreter that has them (`READING_PEERS`), beside none of ours.

Reads one JSON object on stdin: {"reader": name, "files": [paths]}; writes one line per file: {"text": …}, {"refused": …}, or
{"lacks": …} where it wants something that isn't here. A reader that isn't installed is {"absent": why} and nothing more. No model is downloaded: docling is asked for its own
formats alone, not for PDF.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path


class Lacking(Exception):
    """Something that would have to be downloaded."""


def markitdown():
    from markitdown import MarkItDown

    converter = MarkItDown(enable_plugins=False)
    return lambda path: converter.convert(path).text_content


def docling():
    from docling.document_converter import DocumentConverter

    converter = DocumentConverter()

    def read(path: str) -> str:
        if Path(path).suffix == ".pdf":
            raise Lacking("reads PDF with models that have to be downloaded")
        return converter.convert(path).document.export_to_markdown()

    return read


def langchain():
    """The loader that its documentation names for each ending; texts for all others."""
    from langchain_community import document_loaders as loaders

    kinds = {
        ".pdf": loaders.PyPDFLoader,
        ".docx": loaders.Docx2txtLoader,
        ".docm": loaders.Docx2txtLoader,
        ".dotx": loaders.Docx2txtLoader,
        ".csv": loaders.CSVLoader,
        ".html": loaders.BSHTMLLoader,
        ".mhtml": loaders.MHTMLLoader,
        ".md": loaders.TextLoader,
        ".srt": loaders.SRTLoader,
        ".xlsx": loaders.UnstructuredExcelLoader,
        ".xls": loaders.UnstructuredExcelLoader,
        ".pptx": loaders.UnstructuredPowerPointLoader,
        ".ppsx": loaders.UnstructuredPowerPointLoader,
        ".potx": loaders.UnstructuredPowerPointLoader,
        ".eml": loaders.UnstructuredEmailLoader,
        ".doc": loaders.UnstructuredWordDocumentLoader,
        ".epub": loaders.UnstructuredEPubLoader,
    }

    def read(path: str) -> str:
        loader = kinds.get(Path(path).suffix, loaders.TextLoader)
        return "\n\n".join(document.page_content for document in loader(path).load())

    return read


READERS = {"markitdown": markitdown, "docling": docling, "LangChain": langchain}


def main() -> None:
    asked = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers, sys.stdout = sys.stdout, sys.stderr
    try:
        read = READERS[asked["reader"]]()
    except ImportError as error:
        print(json.dumps({"absent": str(error)}), file=answers)
        return
    for path in asked["files"]:
        try:
            found = {"text": read(path)}
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            lacks = isinstance(error, ImportError | Lacking) or "Failed to download" in reason
            found = {"lacks" if lacks else "refused": reason[:200]}
        print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    main()
