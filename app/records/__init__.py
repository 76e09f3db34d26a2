"""Persistence: the one place with SQL. A table and its questions stand in one file per noun."""
