"""What loads but may not do what its author meant: one rule per module, named after its code.

A module has a docstring that says why it matters, with a bad and a good example, and `find`.
"""
