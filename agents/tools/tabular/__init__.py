"""SQL over one CSV file or Excel workbook: in a process of its own, sealed from files, network and settings."""

from __future__ import annotations

from agents.tools.tabular.asking import Answer, ask

__all__ = ["Answer", "ask"]
