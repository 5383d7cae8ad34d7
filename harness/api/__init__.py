"""What notebooks and programs call: studies loaded, launched, imported, compared, drawn.

The names of `harness` itself are of these modules (`harness/__init__.py`); commands call them too.
"""
