from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def write_pdf() -> Callable[[Path, list[list[str]]], Path]:
    """Write a PDF of Helvetica lines, one list of lines per page, by hand: no library for making PDFs needed."""

    def write(path: Path, pages: list[list[str]]) -> Path:
        objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
        font = len(objects) + 1
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        kids = []
        for lines in pages:
            shown = " T* ".join(f"({line}) Tj" for line in lines)
            content = f"BT /F1 14 Tf 18 TL 60 720 Td {shown} ET"
            objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
                f" /Resources << /Font << /F1 {font} 0 R >> >> >>"
            )
            kids.append(f"{len(objects)} 0 R")
        objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
        body, offsets = b"%PDF-1.4\n", []
        for number, text in enumerate(objects, 1):
            offsets.append(len(body))
            body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
        table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        body += (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
        ).encode("latin-1")
        path.write_bytes(body)
        return path

    return write
