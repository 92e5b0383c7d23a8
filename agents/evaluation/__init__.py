"""Measuring on the user's own files of records, one JSON object a line.

`questions` has questions with gold strings and documents: retrieval and answers; `tasks` word problems and questions
for the agent. Tool calls by the records of a leaderboard are a benchmark: `tests/benchmarks/bfcl`.
"""

from __future__ import annotations

from agents.evaluation.questions import AnswerScores, Question, RetrievalScores, contains_gold, read_questions

__all__ = ["AnswerScores", "Question", "RetrievalScores", "contains_gold", "read_questions"]
