"""`sluss tour`: the main flow in a terminal, on a throw-away database, with every step checked."""

from app.tour.tour import take_tour

__all__ = ["take_tour"]
