"""The desk of a city's customer accounts specialist."""

__version__ = "0.1.0"
