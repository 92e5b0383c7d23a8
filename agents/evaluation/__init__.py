"""Measuring on the user's own files of records, one JSON object a line.

`questions` has questions with gold strings and documents, and retrieval; a chain's `Reply` to one becomes a `Case`, kept
in a `Record`; `figures` says what they come to, of one run and of two. `tasks` has word problems and questions for the agent. Tool
calls by the records of a leaderboard are a benchmark: `tests/benchmarks/bfcl`.
"""

from __future__ import annotations

from agents.evaluation.cases import Case, judged
from agents.evaluation.figures import SHARES, Pairs, figures, mcnemar, paired
from agents.evaluation.gold import admits, contains_gold
from agents.evaluation.questions import Question, question_of, read_questions, retrieval_figures
from agents.evaluation.record import Record, circumstances, read_cases
from agents.evaluation.replies import Reply, reply_of

__all__ = [
    "SHARES",
    "Case",
    "Pairs",
    "Question",
    "Record",
    "Reply",
    "admits",
    "circumstances",
    "contains_gold",
    "figures",
    "judged",
    "mcnemar",
    "paired",
    "question_of",
    "read_cases",
    "read_questions",
    "reply_of",
    "retrieval_figures",
]
