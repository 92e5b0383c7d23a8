"""Saying that the documents don't answer, in the language the question was asked in."""

from __future__ import annotations

import re
from typing import Literal

from ingest.language import language_of

_SAID = {
    "en": "I can't find an answer to this in the documents. The nearest passages are shown below.",
    "zh": "在文档中没有找到这个问题的答案。下面是最接近的段落。",
    "zh-hant": "在文件中沒有找到這個問題的答案。下面是最接近的段落。",
    "ja": "この質問への答えは文書の中に見つかりませんでした。最も近い箇所を以下に示します。",
    "ko": "문서에서 이 질문에 대한 답을 찾을 수 없습니다. 가장 가까운 구절을 아래에 표시합니다.",
    "ru": "В документах нет ответа на этот вопрос. Ниже показаны ближайшие фрагменты.",
    "ar": "لم أجد إجابة عن هذا السؤال في المستندات. تظهر أقرب المقاطع أدناه.",
    "fr": "Je ne trouve pas de réponse à cette question dans les documents. Les passages les plus proches figurent ci-dessous.",
    "de": "In den Dokumenten findet sich keine Antwort auf diese Frage. Die ähnlichsten Stellen stehen unten.",
    "es": "No encuentro respuesta a esta pregunta en los documentos. A continuación se muestran los pasajes más cercanos.",
    "it": "Non trovo una risposta a questa domanda nei documenti. I passaggi più vicini sono riportati sotto.",
    "pt": "Não encontro resposta a esta pergunta nos documentos. As passagens mais próximas estão abaixo.",
}
_EMPTY = {
    "en": "There is nothing to search in yet: this knowledge base holds no documents.",
    "zh": "这个知识库里还没有任何文档，无从查找。",
}
_NAMES = {
    "en": "English",
    "zh": "中文",
    "zh-hant": "繁體中文",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "ar": "Arabic",
}
_NAMES |= {"fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese"}
_MARKS: dict[str, str] = {
    "fr": r"\b(?:le|la|les|des|est|quel|quelle|quels|combien|où|comment|pourquoi|qui|une|du|dans|quand)\b|[çœêèà]",
    "de": r"\b(?:der|die|das|ist|wie|was|wer|wann|wo|warum|welche|welcher|viele|und|ein|eine|nicht|gibt)\b|[äöüß]",
    "es": r"\b(?:el|los|las|es|qué|cuál|cuántos|cuántas|cuándo|dónde|cómo|por|una|quién|del)\b|[¿¡ñ]",
    "it": r"\b(?:il|gli|è|che|quale|quanti|quante|quando|dove|come|perché|chi|della|di|sono)\b",
    "pt": r"\b(?:o|os|as|é|qual|quantos|quantas|quando|onde|como|uma|quem|são|não|do|da)\b|[ãõ]",
}
_TRADITIONAL = re.compile("[個們這來時會對說國過還樣開關從問無沒幾麼為與點後當經長門間電實應現學業資體]")


def language_code(question: str) -> str:
    """The language of a question, as far as it is worth telling: script first, then the little words."""
    kind: Literal["en", "zh", "other"] = language_of(question)
    if kind == "zh":
        return "zh-hant" if _TRADITIONAL.search(question) else "zh"
    for code, first, last in (
        ("ja", "\u3040", "\u30ff"),
        ("ko", "\uac00", "\ud7af"),
        ("ru", "\u0400", "\u04ff"),
        ("ar", "\u0600", "\u06ff"),
    ):
        if any(first <= char <= last for char in question):
            return code
    folded = question.lower()
    counts = {code: len(re.findall(pattern, folded)) for code, pattern in _MARKS.items()}
    best = max(counts, key=lambda code: counts[code])
    english = len(re.findall(r"\b(?:the|is|are|what|who|how|when|where|why|which|of|does|do|in|to)\b", folded))
    return best if counts[best] > max(english, 1 if kind == "en" else 0) else "en"


def language_name(code: str) -> str:
    """What the prompt calls the language."""
    return _NAMES.get(code, "the language of the question")


def abstention(code: str, *, empty: bool = False) -> str:
    """The sentence that says so. `empty`: the knowledge base holds no documents."""
    said = _EMPTY if empty else _SAID
    return said.get(code) or said["zh" if code.startswith("zh") else "en"]
