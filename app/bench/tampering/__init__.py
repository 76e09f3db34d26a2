"""Altering copies of a log in every way known, and counting what the verifier catches and names."""
