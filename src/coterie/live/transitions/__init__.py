"""Who enters and leaves which segment, by cause.

by_facts.py       what a commit's writes change
by_time.py        what time alone changes
backlog.py        the same, in slices where there is much of it
by_definition.py  what a new, edited or deleted segment changes
propagation.py    how a change spreads to the segments that use one
crossings.py      who crossed which window edge when
batch.py          the result: profiles that entered or left one segment
"""
