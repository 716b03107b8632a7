"""The deterministic, fictional demo city."""

from csr_console.demo.city.generate import CityFacts, Resident, generate_city

__all__ = ["CityFacts", "Resident", "generate_city"]
