"""Measuring on files of records, one JSON object a line: retrieval, answers, tool calls, the agent.

`questions` has questions with gold strings and documents; `records` the tool-calling records of the Berkeley
Function-Calling Leaderboard, `matching` their rules of what is right, `calling` what becomes of them with a model.
"""

from __future__ import annotations

from agents.evaluation.questions import AnswerScores, Question, RetrievalScores, contains_gold, read_questions

__all__ = ["AnswerScores", "Question", "RetrievalScores", "contains_gold", "read_questions"]
