"""What crosses a process boundary: envelopes, answers, the change feed, sign-in and the views."""
