"""Questions and their answers: preview, members, explain, the transitions feed, what is known of a property, and the check.

Everything here reads and changes nothing. Each function takes the engine; what it needs from memory it takes under `engine.visible.reading()`, so
that an answer is of one whole commit, and after `engine.catch_up()`, so that it is of now.
"""
