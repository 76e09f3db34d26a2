"""The demonstration: invented people in four municipalities, made through the same flows as work.

Nobody in it exists. Its keys are marked as demonstration keys and open nothing else.
"""

from app.demonstration.run import run_demonstration

__all__ = ["run_demonstration"]
