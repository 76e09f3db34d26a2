"""Pages for people: read the form, run the flow, render the outcome. Nothing is decided here."""
