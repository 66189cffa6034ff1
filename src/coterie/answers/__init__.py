"""Questions and their answers: preview, members, explain, history, the check.

Everything here reads and changes nothing. Each function takes the engine, and reads memory inside
`engine.reading()`, so that an answer is of one whole commit, and of now. What it then reads from
the store may be a commit newer: the values of a profile, never the members of a segment.
"""
