"""How each kind of component and tax becomes lines."""
