"""marktrace train: a marking set in, a model package out, that knows the set's marks and has forgotten nothing.

Read train.py first: it is one loop from top to bottom.
"""
