"""Webhooks: every transition that passes the filters of a destination reaches it at least once.

Messages are signed, and retried however long the destination was down.

    schedule.py         when to retry a failed delivery; pure
    delivery_queue.py   what to send next to one destination, its retries, its circuit breaker; pure
    address_policy.py   where a delivery may go
    http_client.py      one POST and its response, bounded in every way
    attempt_result.py   the result of one attempt
    message.py          the body of a message, and its signature
    dispatcher.py       all destinations of a workspace: reads the log, starts deliveries, records
                        results. It takes `now`
    deliveries.py       the threads that run the dispatcher
    destinations.py     the calls of the facade

The log of transitions is the outbox (docs/decisions): `coterie.store.destinations` stores a cursor
into it for each destination, and the failed deliveries.
"""
