"""Which part of a web page is its content: trafilatura finds the place, the page's own elements give the structure.

Trafilatura's answer is not taken as it comes: of short pages it is flat, and headings, captions and addresses are
missing from it (seen with 2.3). What it keeps tells where the content lies; there everything is read but navigation.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from ingest.loaders.elements import BLOCKS

_CHROME = ("nav", "header", "footer", "aside")
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "alert", "alertdialog")
_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|side-?bar|(?:bread-?)?crumbs?|location|foot(?:er)?|cookies?|consent|gdpr|advert\w*|ads?|promo"
    r"|social|shar(?:e|ing)|related|recommend\w*|newsletter|subscri\w+|comments?|disqus|pag(?:er|ination)|skip|log-?in)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Names by which pages mark what is around their content; only believed where trafilatura kept nothing of it."""
_SHORT = 1_500
"""Characters up to which a page is read whole: of so little, trafilatura takes lists and tables for noise."""
_ENOUGH = 0.9
"""Share of what trafilatura kept that has to lie within the element taken for the content."""
_LINKS = 0.6
"""Share of a block's characters that are links from which it is navigation, unless trafilatura kept some of it."""


class Content:
    """Where the content of a page lies, and what to leave out there."""

    def __init__(self, root: Any, source: str) -> None:  # noqa: ANN401 - lxml is untyped
        """`root`: the tree without scripts and the like; `source`: the page as it came, for trafilatura."""
        self._body = root.find(".//body") if root.find(".//body") is not None else root
        # Proxies of lxml are kept, so that an element's id stands for it.
        self._elements = [element for element in self._body.iter() if isinstance(element.tag, str)]
        visible = len(_bare(self._body.text_content()))
        said = _bare(_extracted(source)) if visible > _SHORT else ""
        self._kept = self._weigh(said)
        self._short = not self._kept.get(id(self._body))
        self.element = self._place()
        self._semantic = self.element.tag in ("main", "article") or self.element.get("role") == "main"

    def leaves_out(self, element: Any) -> bool:  # noqa: ANN401
        """Whether an element within `element` is no content."""
        tag = element.tag
        if tag == "nav" or element.get("role") in _ROLES[:2]:
            return True
        if tag in _CHROME[1:] and not any(
            one.tag in ("main", "article") or one.get("role") == "main" for one in element.iterancestors()
        ):
            return not (tag == "header" and self._short) and not self._kept.get(id(element))
        if self._kept.get(id(element)):
            return False
        if element.get("role") in _ROLES:
            return True
        if tag in ("body", "main", "article"):
            return False
        if _marked(element):
            return True
        return not self._semantic and not self._short and _is_links(element)

    def title(self) -> Any:  # noqa: ANN401
        """The page's one h1, where it lies outside `element`; else None."""
        found = [
            one
            for one in self._elements
            if one.tag == "h1" and not any(a.tag == "nav" or _marked(a) for a in (one, *one.iterancestors()))
        ]
        inside = len(found) == 1 and any(one is self.element for one in (found[0], *found[0].iterancestors()))
        left = len(found) == 1 and any(self.leaves_out(a) for a in found[0].iterancestors() if a in self._body.iter())
        return found[0] if len(found) == 1 and (not inside or left) else None

    def addresses(self, seen: str) -> list[Any]:
        """Elements of contact outside `element` or in what is left out, that `seen` does not hold."""
        found = [one for one in self._elements if one.tag == "address"]
        seen = _bare(seen)
        return [one for one in found if (text := _bare(one.text_content())) and text not in seen]

    def _weigh(self, said: str) -> dict[int, int]:
        """Characters that trafilatura kept, by element."""
        weights: dict[int, int] = {}
        if not said:
            return weights
        holders = {id(one.getparent()) for one in self._elements if one.tag in BLOCKS or one.tag in ("li", "tr", "td")}
        for one in self._elements:
            if (one.tag not in BLOCKS and one.tag not in ("li", "td", "th")) or id(one) in holders:
                continue
            text = _bare(one.text_content())
            if len(text) < 2 or text not in said:
                continue
            for holder in (one, *one.iterancestors()):
                weights[id(holder)] = weights.get(id(holder), 0) + len(text)
                if holder is self._body:
                    break
        return weights

    def _place(self) -> Any:  # noqa: ANN401
        """The smallest element that holds enough; where nothing was kept, the page's one main part or all of it."""
        named = [one for one in self._elements if one.tag == "main" or one.get("role") == "main"]
        total = self._kept.get(id(self._body), 0)
        if not total:
            return named[0] if len(named) == 1 and _bare(named[0].text_content()) else self._body
        if len(named) == 1 and self._kept.get(id(named[0]), 0) >= _ENOUGH * total:
            return named[0]
        place = self._body
        while True:
            inner = [child for child in place if self._kept.get(id(child), 0) >= _ENOUGH * total]
            if not inner or inner[0].tag in ("table", "ul", "ol", "dl", "p", "pre") or place.tag == "article":
                return place
            place = inner[0]


def _marked(element: Any) -> bool:  # noqa: ANN401
    """Whether the page's own names for an element say that it is around the content."""
    return element.tag != "body" and bool(_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"))


def _is_links(element: Any) -> bool:  # noqa: ANN401
    links = element.xpath(".//a[@href]")
    length = len(_bare(element.text_content()))
    return len(links) >= 3 and sum(len(_bare(link.text_content())) for link in links) > _LINKS * length


def _bare(text: str) -> str:
    return "".join(text.split())


def _extracted(source: str) -> str:
    """The text that trafilatura takes for the page's content, '' when it finds none."""
    from lxml import etree, html
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = extract(
            source,
            output_format="html",
            include_tables=True,
            include_comments=False,
            favor_recall=True,
            deduplicate=False,
        )
        return str(html.document_fromstring(found).text_content()) if found and found.strip() else ""
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return ""
