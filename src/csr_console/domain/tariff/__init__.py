"""Tariffs: what a utility charges for, as a book of data, and the rating of one service over one period."""
