"""Questions and their answers: preview, members, explain, the transitions feed, what is known of a property, and the check.

Everything here reads and changes nothing. Each function takes the engine; what it needs from memory it takes inside `engine.reading()`, so that an
answer is of one whole commit, and of now. What is then read from the store may be a commit younger: what a profile is shown with, never who is in.
"""
