"""Who someone is: passwords, sessions and throttling as values and functions; stores nothing."""
