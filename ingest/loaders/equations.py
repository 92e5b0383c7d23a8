"""Equations of Office (OMML) and of web pages (MathML) on one line, as they are typed: '(a+b)/2', 'x^2', '√(x)', '∑_(i=1)^n i'."""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.repair import repair

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_INVISIBLE = re.compile("[\u2061-\u2064]")
_PROPERTIES = re.compile(r"(?:\w+Pr)\Z")
_SIMPLE = re.compile(r"[^\W_]+(?:[.,]\d+)?\Z|.\Z")


def equation(element: Any) -> str:  # noqa: ANN401 - lxml elements are untyped
    """The text of an `m:oMath`, an `m:oMathPara` (its equations apart) or any piece of one."""
    if element.tag == f"{M}oMathPara":
        return "; ".join(filter(None, map(equation, element.iterfind(f"{M}oMath"))))
    return " ".join(repair(_text(element)).split())


def mathml(node: Any) -> str:  # noqa: ANN401
    """The text of a `math` of HTML or OpenDocument, or any piece of one."""
    kind = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else "annotation"
    if kind.startswith("annotation"):
        return ""
    parts = [mathml(child) for child in node]
    first, second, third = (*parts, "", "", "")[:3]
    if kind == "mfrac":
        return f"{_grouped(first)}/{_grouped(second)}"
    if kind in ("msub", "munder", "msup", "mover", "msubsup", "munderover"):
        over = kind in ("msup", "mover")
        return _scripts(_grouped(first), "" if over else second, second if over else third)
    if kind in ("msqrt", "mroot"):
        return f"√[{second}]({first})" if kind == "mroot" else f"√({''.join(parts)})"
    if kind in ("mtable", "mtr"):
        return ("; " if kind == "mtable" else ", ").join(parts)
    return _INVISIBLE.sub("", node.text or "").strip() + "".join(parts)


def _text(node: Any) -> str:  # noqa: ANN401
    kind = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
    if kind == "t":
        return str(node.text or "")
    if not kind or _PROPERTIES.match(kind):
        return ""
    part = _Parts(node)
    if kind == "f":
        return f"{_grouped(part('num'))}/{_grouped(part('den'))}"
    if kind in ("sSup", "sSub", "sSubSup", "sPre"):
        return _scripts(_grouped(part("e")), part("sub"), part("sup"))
    if kind in ("limLow", "limUpp"):
        return f"{part('e')}_{_grouped(part('lim'))}" if kind == "limLow" else f"{part('e')}^{_grouped(part('lim'))}"
    if kind == "rad":
        degree = part("deg")
        return f"√({part('e')})" if not degree else f"√[{degree}]({part('e')})"
    if kind == "nary":
        return f"{_scripts(_sign(node, 'naryPr', '∫'), part('sub'), part('sup'))} {part('e')}"
    if kind == "d":
        inside = _sign(node, "dPr", "|", "sepChr").join(_text(e) for e in node.iterfind(f"{M}e"))
        return f"{_sign(node, 'dPr', '(', 'begChr')}{inside}{_sign(node, 'dPr', ')', 'endChr')}"
    if kind == "func":
        return (
            f"{part('fName')} {part('e')}"
            if len(part("e")) > 1 and part("e")[0] not in "([{"
            else (f"{part('fName')}({part('e').strip('()')})")
        )
    if kind in ("m", "eqArr"):
        rows = [", ".join(map(_text, row)) for row in node.iterfind(f"{M}mr")]
        return "; ".join(rows) if rows else "; ".join(_text(e) for e in node.iterfind(f"{M}e"))
    return "".join(map(_text, node))


class _Parts:
    def __init__(self, node: Any) -> None:  # noqa: ANN401
        self._node = node

    def __call__(self, name: str) -> str:
        found = self._node.find(f"{M}{name}")
        return "" if found is None else "".join(map(_text, found)).strip()


def _scripts(base: str, sub: str, sup: str) -> str:
    return base + (f"_{_grouped(sub)}" if sub else "") + (f"^{_grouped(sup)}" if sup else "")


def _grouped(text: str) -> str:
    """In brackets where it would otherwise run into its neighbours."""
    return text if _SIMPLE.match(text) or not text or _bracketed(text) else f"({text})"


def _bracketed(text: str) -> bool:
    depth = 0
    for n, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return n == len(text) - 1 and n > 0
    return False


def _sign(node: Any, properties: str, usual: str, name: str = "chr") -> str:  # noqa: ANN401
    found = node.find(f"{M}{properties}/{M}{name}")
    return usual if found is None else str(found.get(f"{M}val", ""))
