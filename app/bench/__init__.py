"""`sluss bench`: what speed is promised for, measured as ratios inside one run."""

from app.bench.run import run_bench

__all__ = ["run_bench"]
