"""Outage reports, hazards, planned outages and callbacks."""
