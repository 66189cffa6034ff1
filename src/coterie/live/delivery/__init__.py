"""Webhooks: every transition that a destination wants is delivered to it at least once, signed, however long it was down.

    schedule.py   when a failure is tried again; pure
    course.py     what goes out to one destination and what an outcome changes; pure
    target.py     where a delivery may go
    exchange.py   one POST and its answer, bounded in every way
    message.py    what is said, and its signature
    desk.py       all destinations of a workspace: reads the log, starts deliveries, records what came of them. It takes `now`
    deliveries.py the threads that run the desk, and the calls of the facade

The log of transitions is the outbox (docs/decisions): `coterie.store.destinations` keeps a cursor into it for each destination, and the failures.
"""
