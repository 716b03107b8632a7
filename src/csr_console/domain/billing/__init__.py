"""Rules of billing beside the tariff: usage from reads, adjustments, plans and fees."""
