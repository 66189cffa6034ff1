"""Who enters and leaves which segment, by cause.

by_facts.py       what a commit's writes change
by_time.py        what time alone changes
backlog.py        the same, in slices where there is much of it
by_definition.py  what a new or edited segment changes
profile_view.py   one profile as the law looks at it
batch.py          the result: profiles that entered or left one segment
"""
