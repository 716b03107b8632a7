"""One module a screen, and what they share."""
