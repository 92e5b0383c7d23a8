"""What is said in the language a question was asked in, whatever the documents' is: that they don't answer, or what they say."""

from __future__ import annotations

from collections.abc import Mapping

_SAID = {
    "en": "I can't find an answer to this in the documents.",
    "zh": "在文档中没有找到这个问题的答案。",
    "zh-hant": "在文件中沒有找到這個問題的答案。",
    "ja": "この質問への答えは文書の中に見つかりませんでした。",
    "ko": "문서에서 이 질문에 대한 답을 찾을 수 없습니다.",
    "ru": "В документах нет ответа на этот вопрос.",
    "ar": "لم أجد إجابة عن هذا السؤال في المستندات.",
    "fr": "Je ne trouve pas de réponse à cette question dans les documents.",
    "de": "In den Dokumenten findet sich keine Antwort auf diese Frage.",
    "es": "No encuentro respuesta a esta pregunta en los documentos.",
    "it": "Non trovo una risposta a questa domanda nei documenti.",
    "pt": "Não encontro resposta a esta pergunta nos documentos.",
}
_EMPTY = {
    "en": "There is nothing to search in yet: this knowledge base holds no documents.",
    "zh": "这个知识库里还没有任何文档，无从查找。",
}
_NONE_FITS = {
    "en": "No document fits the filter, so there is nothing to search in.",
    "zh": "没有符合筛选条件的文档，无从查找。",
}
_PART = {
    "en": "I can't find in the documents: “{part}”",
    "zh": "文档中没有找到：“{part}”",
    "zh-hant": "文件中沒有找到：「{part}」",
}
_LEAD = {"en": "This is what the documents say:", "zh": "文档中是这样写的："}


def abstention(code: str, *, empty: bool = False, filtered: bool = False) -> str:
    """The sentence that says so. `empty`: there was nothing to search in; `filtered`: because no document fits."""
    return _in(code, (_NONE_FITS if filtered else _EMPTY) if empty else _SAID)


def not_found(part: str, code: str) -> str:
    """The sentence that says of one `part` of a question that they don't answer it, beside answers to others."""
    return _in(code, _PART).format(part=part)


def lead(code: str) -> str:
    """What stands above a quote in another language, where nobody says it in the asker's."""
    return _in(code, _LEAD)


def _in(code: str, said: Mapping[str, str]) -> str:
    return said.get(code) or said["zh" if code.startswith("zh") else "en"]
