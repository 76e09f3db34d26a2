"""The way from an empty or older database to this version's tables. See README.md."""
