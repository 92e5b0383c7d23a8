"""`with_structured_output` over constrained decoding."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.output_parsers import BaseOutputParser, JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import Generation
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass


def structured(
    model: BaseChatModel,
    schema: dict[str, Any] | type | None,
    *,
    include_raw: bool,
    method: str,
    options: dict[str, Any],
) -> Runnable[LanguageModelInput, Any]:
    """A runnable whose result is an object of `schema` (a pydantic class, or anything else as a dictionary).

    With `include_raw`: {'raw', 'parsed', 'parsing_error'}. The three methods of LangChain differ only in what they
    ask of a server; here the grammar of the schema holds in each. A reply that was cut off, or that does not follow
    the schema, is an `OutputParserException` that says so: LangChain's own parsers would mend the half of it.
    """
    rules = {"type": "object"} if schema is None else convert_to_json_schema(schema)
    parser: BaseOutputParser[Any] = _WholeJson()
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        parser = _WholeObject(pydantic_object=schema)
    shape = {"name": str(rules.get("title", "reply")), "schema": rules}
    options.pop("strict", None)
    bound = model.bind(
        response_format={"type": "json_schema", "json_schema": shape},
        ls_structured_output_format={"kwargs": {"method": method}, "schema": rules},
        **options,
    )
    if not include_raw:
        return bound | parser
    parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=bound) | parsed.with_fallbacks([failed], exception_key="parsing_error")


class _WholeJson(JsonOutputParser):
    """JSON of a reply that came to its end."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:  # noqa: ANN401
        message = getattr(result[0], "message", None)
        problem = message.response_metadata.get("structure_problem") if isinstance(message, BaseMessage) else ""
        if problem:
            words = f"The reply does not have the structure asked for: {problem}."
            raise OutputParserException(words, llm_output=result[0].text)
        return super().parse_result(result, partial=partial)


class _WholeObject(_WholeJson, PydanticOutputParser):  # type: ignore[type-arg]  # whatever class it is given
    """An object of a pydantic class, of a reply that came to its end."""
