"""Tariff books as text: read, checked, and refused with the line of every mistake."""

from csr_console.contracts.tariff.mistakes import BookMistake
from csr_console.contracts.tariff.reader import BookReading, read_book

__all__ = ["BookMistake", "BookReading", "read_book"]
