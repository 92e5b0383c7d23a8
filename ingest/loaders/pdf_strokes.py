"""The level and upright strokes that a PDF's page draws: what its tables are ruled with."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from ingest.loaders.pdf_words import ADDRESS, INTEGER, Box, plain

MOST = 3_000
"""Strokes of a page, and cells of a table; more are a drawing."""
_THIN, _SHORT = 3.0, 4.0
"""Points up to which a path is a stroke across its direction, and from which it is one along it."""
_SIDES = (4, 5)
"""Segments of a path that is a rectangle, closed or not."""


def strokes_of(page: Any) -> list[Box]:  # noqa: ANN401 - PDFium's binding is untyped
    """The strokes that are drawn on a page, the sides of outlined rectangles among them; none where none is upright."""
    import pypdfium2.raw as pdfium

    found: list[tuple[Box, tuple[int, int, int] | None]] = []
    shades: set[tuple[int, int, int]] = set()
    filled, outlined = ctypes.c_int(), ctypes.c_int()
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    paper = Box(*page.get_bbox())
    for drawn, (left, bottom, right, top) in _paths(page):
        a, b, c, d = max(left, paper.left), bottom, min(right, paper.right), top
        if b < paper.bottom or d > paper.top or max(c - a, d - b) < _SHORT:
            continue
        pdfium.FPDFPath_GetDrawMode(drawn, filled, outlined)
        pdfium.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha)
        colour = None if outlined.value else (red.value, green.value, blue.value)
        if min(c - a, d - b) <= _THIN:
            found.append((Box(a, b, c, d), colour))
        elif colour:
            shades.add(colour)
        elif pdfium.FPDFPath_CountSegments(drawn) in _SIDES:
            found += [(side, None) for side in (Box(a, b, c, b), Box(a, d, c, d), Box(a, b, a, d), Box(c, b, c, d))]
    # A strip in the colour of a wider fill is a part of what is shaded.
    kept = [box for box, colour in found if colour not in shades]
    return kept if len(kept) <= MOST and any(box.top - box.bottom > box.right - box.left for box in kept) else []


def _paths(page: Any) -> Iterator[tuple[Any, Box]]:  # noqa: ANN401
    """The paths of a page and of the drawings placed on it, and where each stands."""
    import pypdfium2.raw as pdfium

    kind_of = plain("FPDFPageObj_GetType", INTEGER, ADDRESS)
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    held = (pdfium.FPDFPage_CountObjects, plain("FPDFPage_GetObject", ADDRESS, ADDRESS, INTEGER))
    within = (pdfium.FPDFFormObj_CountObjects, plain("FPDFFormObj_GetObject", ADDRESS, ADDRESS, ctypes.c_ulong))
    matrix = pdfium.FS_MATRIX()
    todo = [(ctypes.cast(page.raw, ADDRESS), page.raw, held, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))]
    while todo:
        raw, holder, (count, child), (a, b, c, d, e, f) = todo.pop()
        objects = list(map(child, repeat(raw), range(count(holder))))
        for address, kind in zip(objects, map(kind_of, objects), strict=True):
            if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
                continue
            drawn = ctypes.cast(address, pdfium.FPDF_PAGEOBJECT)
            if kind == pdfium.FPDF_PAGEOBJ_FORM:
                pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
                p, q, r, s, t, u = (getattr(matrix, name) for name in "abcdef")
                place = (
                    p * a + q * c,
                    p * b + q * d,
                    r * a + s * c,
                    r * b + s * d,
                    t * a + u * c + e,
                    t * b + u * d + f,
                )
                todo.append((address, drawn, within, place))
                continue
            pdfium.FPDFPageObj_GetBounds(drawn, left, bottom, right, top)
            corners = ((left.value, bottom.value), (right.value, top.value))
            xs, ys = zip(*((x * a + y * c + e, x * b + y * d + f) for x, y in corners), strict=True)
            yield drawn, Box(min(xs), min(ys), max(xs), max(ys))
