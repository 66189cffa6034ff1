"""Webhooks: every transition that a destination wants is delivered to it at least once, signed, however long it was down.

    schedule.py   when a failure is tried again; pure
    delivery_queue.py  what goes out to one destination and what an outcome changes; pure
    address_policy.py  where a delivery may go
    http_client.py  one POST and its answer, bounded in every way
    message.py    what is said, and its signature
    dispatcher.py   all destinations of a workspace: reads the log, starts deliveries, records what came of them. It takes `now`
    deliveries.py the threads that run the dispatcher, and the calls of the facade

The log of transitions is the outbox (docs/decisions): `coterie.store.destinations` keeps a cursor into it for each destination, and the failures.
"""
