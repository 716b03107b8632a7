"""Rows into the views of the contracts."""
