"""The shapes of our own dialect, one file a resource: what may be sent, and exactly what is
answered.

A shape that is sent turns itself into the model's input (`to_model`); one that is answered builds
itself from the model (`of`, see `answer.py`). Each carries an example, which the API description,
the docs page and the fuzz tests read. Unknown keys are refused, and types are never bent (`"5"` is
not a number).
"""
