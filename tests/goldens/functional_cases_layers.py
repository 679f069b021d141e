"""Cases of the other functions for make_functional_goldens.py."""
