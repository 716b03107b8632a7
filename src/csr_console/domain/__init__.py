"""The clerk's acts and the city's rules: standard library and pydantic only, no I/O, clock or randomness."""
