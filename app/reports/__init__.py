"""Papers: tables and reports made of values they are handed. No database, no keys, no clock."""
