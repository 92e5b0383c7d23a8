"""Python code of a model, run where it can do no harm.

result = Sandbox(Limits(seconds=5)).run("sum(range(10))", files={"data.csv": b"1,2"})
result.why, result.value   # 'done', '45'
"""

from agents.tools.sandbox.limits import Limits, SandboxResult, Why
from agents.tools.sandbox.protections import Protections, SandboxUnavailable
from agents.tools.sandbox.sandbox import Sandbox

__all__ = ["Limits", "Protections", "Sandbox", "SandboxResult", "SandboxUnavailable", "Why"]
