"""Why a plan is as it is, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.llm.placing.choice import USUAL_CONTEXT
from ingest.language import say

if TYPE_CHECKING:
    from agents.llm.placing.choice import Wish
    from agents.llm.placing.plan import Plan
    from agents.llm.placing.shape import Shape


def reasons(shape: Shape, wish: Wish, plan: Plan) -> list[str]:
    """A sentence for each thing that was chosen and not asked for, and for what memory refused."""
    told = []
    context, trained = plan.use.context, shape.trained_context
    if not plan.fits:
        told.append(
            say(
                en="It does not fit the memory that is free now; loading it may fail, or be slow.",
                zh="当前可用内存不足，载入可能失败或很慢。",
            )
        )
    if not wish.context:
        if plan.fits and context >= min(trained or context, USUAL_CONTEXT):
            why = (
                say(en="all it was trained for", zh="即其训练长度")
                if trained and context >= trained
                else say(en=f"as usual; it was trained for {trained:,}", zh=f"常用长度；模型训练长度为 {trained:,}")
            )
        else:
            why = say(en="as much as memory allows", zh="受内存限制")
        told.append(
            say(
                en=f"Context {context:,} was chosen ({why}); the setting 'context' changes it.",
                zh=f"自动选择上下文 {context:,}（{why}）；可用 context 设置更改。",
            )
        )
    if wish.cache == "auto" and plan.use.cache != "f16":
        told.append(
            say(
                en=f"The cache is kept as {plan.use.cache}: with f16 this context would not fit.",
                zh=f"缓存采用 {plan.use.cache}：若用 f16，此上下文放不下。",
            )
        )
    if plan.use.flash_attention == "off":
        told.append(say(en="Flash attention is off.", zh="flash attention 已关闭。"))
    return told
