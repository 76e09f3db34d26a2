"""Plain frozen values and the sentences about them that need no lookup. No I/O."""
