"""Text that gives orders to an assistant: in a document or a tool's description it is data, and not the document's own.

By its form: control tokens of a chat's template, which no person writes for another; sentences that take back the
assistant's instructions, name it as the one spoken to, dictate its answers, or have it hide something from its user or
give away what was said. Orders in other words pass; what they say is then quoted with its source, like anything else.
"""

from __future__ import annotations

import re

TOKENS = re.compile(
    r"<\|/?[a-z][a-z0-9_]{1,30}\|>|<｜[^<>｜]{2,40}｜>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>", re.IGNORECASE
)
"""Of the templates of Qwen (ChatML), Llama, DeepSeek, Mistral and Gemma."""
_ASSISTANT = (
    r"(?:AI|assistants?|(?:large )?language models?|LLMs?|chat ?bots?|AI (?:assistants?|models?|agents?|systems?))"
)
_ASSISTANT_ZH = r"(?:AI|人工智能|(?:智能|AI|虚拟)?助手|(?:大|语言|AI)模型|大语言模型|聊天机器人|智能体)"
ADDRESSED = (
    # Taken back: what it was told before.
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|preceding|all|other|your)\b"
    r".{0,30}\b(?:instructions?|prompts?|rules|guidelines|directions|commands|passages|context)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会).{0,20}(?:之前|以上|先前|上述|所有|其他|你的).{0,20}(?:指令|指示|提示|规则|段落)"
    # Spoken to by what it is.
    rf"|\bif you(?:'re| are) an? {_ASSISTANT}\b"
    rf"|\b(?:note|notice|instructions?|message|attention|important)\s*(?:to|for)?\s*(?:the |any |all )?{_ASSISTANT}\s*[:：,]"
    rf"|(?:^|[\n.!?]\s*)(?:note |notice |message )?(?:to|for) (?:the |any |all |every )?{_ASSISTANT}"
    r"(?: (?:reading|processing|handling|summari[sz]ing|that|who|which)\b[^.:\n]{0,40})?\s*:"
    rf"|\byou are now (?:an? |the )?(?:\w+ ){{0,2}}{_ASSISTANT}\b"
    rf"|如果(?:你|您)是(?:一[个名款])?{_ASSISTANT_ZH}"
    rf"|(?:致|给|请)(?:[^\s。！？，：:,]{{1,8}}的)?{_ASSISTANT_ZH}的?(?:指令|指示|说明|提示|消息)?\s*[：:，,]"
    rf"|(?:^|[\n。！？]\s*){_ASSISTANT_ZH}们?(?:请(?:注意|记住|执行|遵守)|注意)\s*[：:，,]"
    # Dictated: what it is to answer.
    r"|(?<!\bthe )(?<!\ban )(?<!\bhis )(?<!\bher )(?<!\bits )(?<!\bour )(?<!\btheir )(?<!\byour )(?<!\bno )"
    r"\b(?:answer|reply|respond)\b(?:(?![.!?]).){0,60}\b(?:only|always|exactly|exclusively|every|all|any|the user)\b"
    r"(?:(?![.!?]).){0,40}[:：]?\s*[\"“「]"
    r"|\b(?:always|only|must)\s+(?:answer|reply|respond)\b(?:(?![.!?]).){0,40}[:：]?\s*[\"“「]"
    r"|(?:所有|任何|一切|每个|用户的?)[^。！？]{0,6}(?:问题|提问|询问)[^。！？]{0,10}(?:只|仅|一律|必须|统一|都)[^。！？]{0,8}(?:回答|回复|答复|输出)"
    r"|(?:只能|一律|必须|务必|统一)[^。！？]{0,6}(?:回答|回复|答复|输出)[^。！？]{0,6}[：:]?\s*[“「\"]"
    # Behind the user's back.
    r"|\b(?:do not|don't|never)\s+(?:tell|mention|inform|notify|reveal|show)\b.{0,30}\bthe user\b"
    r"|(?:不要|不得|别|切勿).{0,6}(?:告诉|告知|透露|提及|通知).{0,6}用户"
    r"|\b(?:send|post|forward|upload|append|leak|exfiltrate)\b.{0,60}\b(?:this conversation|chat history|system prompt)\b"
    r"|(?:发送|上传|转发|附上|泄露|传递).{0,30}(?:对话|聊天记录|系统提示)|(?:hidden|secret) instruction|隐藏指令"
)
"""A pattern (without case): sentences that only an assistant can be meant by."""
_ORDERS = re.compile(ADDRESSED, re.IGNORECASE)


def gives_orders(text: str) -> bool:
    """Whether a passage holds orders to an assistant, or something that stands behind a chat's control tokens."""
    return bool(TOKENS.search(text) or _ORDERS.search(text))
