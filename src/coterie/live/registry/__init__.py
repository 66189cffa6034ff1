"""The segments of a workspace in memory, and the indexes over them that make a write cheap.

segments.py    every live segment: its rule, its members, the segments that use it
predicates.py  which segments can a change of one value affect?
measures.py    which measures can an event or a conversation change?
timetable.py   when can time alone change a membership next?
catalogue.py   the properties and events that the workspace knows
"""
