"""One other queue at work, in the environment of that queue: `queue_peer.py NAME URL` prints its figures as JSON.

Each item is five calls of the function that the items of `bench queue` call too; where the other queue has durable
steps, each call is one. All figures are of one worker with one slot.
"""

# mypy: ignore-errors
# The libraries it imports are in the environment it runs in, not in that of the type checker.
from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

ITEMS, PACED, PACE_SECONDS, STEPS = 300, 60, 0.05, 5
done: list[tuple[float, float]] = []


def double(value: int) -> int:
    return value * 2


def item(value: int, queued: float) -> None:
    """A whole item without durable steps."""
    begun = time.time()
    for _ in range(STEPS):
        double(value)
    done.append((queued, begun))


def figures(add: Callable[[int, float], object], start: Callable[[], object], number: int = ITEMS) -> dict[str, float]:
    """Queue, start the worker in this process, and see how fast it goes; then one item after the other.

    Where the worker is at work as soon as there is something in the queue, queueing counts too.
    """
    began, processor = time.perf_counter(), time.process_time()
    for n in range(number):
        add(n, time.time())
    if not done:
        began, processor = time.perf_counter(), time.process_time()
    start()
    wait_for(number)
    took, used = time.perf_counter() - began, time.process_time() - processor
    done.clear()
    for n in range(PACED):
        add(n, time.time())
        time.sleep(PACE_SECONDS)
    wait_for(PACED)
    return summary(took, used, number)


def wait_for(number: int) -> None:
    deadline = time.monotonic() + 100
    while len(done) < number:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(done)} of {number} items are done")
        time.sleep(0.002)


def summary(took: float, used: float, number: int) -> dict[str, float]:
    waits = sorted((begun - queued) * 1000 for queued, begun in done)
    return {
        "items_per_second": number / took,
        "processor_ms": used / number * 1000,
        "p50_ms": waits[len(waits) // 2],
        "p99_ms": waits[int(len(waits) * 0.99)],
    }


def tell(found: dict[str, float]) -> None:
    """Print the figures and end: workers that serve for ever would not let the process end."""
    print(json.dumps(found), flush=True)
    os._exit(0)


def in_thread(work: Callable[[], object]) -> Callable[[], None]:
    return lambda: threading.Thread(target=work, daemon=True).start()


def celery(url: str) -> dict[str, float]:
    from celery import Celery

    app = Celery("peer", broker=url)
    app.conf.update(
        task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1, worker_redirect_stdouts=False
    )
    task = app.task(name="item")(item)
    arguments = ["worker", "--pool=solo", "--loglevel=ERROR", "--without-gossip", "--without-mingle"]
    filled = threading.Event()
    threading.Thread(target=lambda: tell(figures(task.delay, filled.set))).start()
    filled.wait()
    # Its worker handles signals, which only the main thread may, and it serves until the process ends.
    app.worker_main(arguments)
    raise RuntimeError("the worker has left")


def dramatiq(url: str) -> dict[str, float]:
    import dramatiq as library
    from dramatiq.brokers.redis import RedisBroker

    broker = RedisBroker(url=url)
    library.set_broker(broker)
    actor = library.actor(item)
    worker = library.Worker(broker, worker_threads=1)
    return figures(actor.send, worker.start)


def procrastinate(url: str) -> dict[str, float]:
    import procrastinate as library

    app = library.App(connector=library.PsycopgConnector(conninfo=url))
    adder = library.App(connector=library.SyncPsycopgConnector(conninfo=url))
    app.task(name="item")(item)
    task = adder.task(name="item")(item)
    adder.open()
    adder.schema_manager.apply_schema()

    def work() -> None:
        import asyncio

        async def run() -> None:
            async with app.open_async():
                await app.run_worker_async(concurrency=1, install_signal_handlers=False)

        asyncio.run(run())

    return figures(lambda n, at: task.defer(value=n, queued=at), in_thread(work))


def dbos(url: str) -> dict[str, float]:
    from dbos import DBOS, DBOSConfig

    config: DBOSConfig = {"name": "peer", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"}
    DBOS(config=config)
    step = DBOS.step()(double)

    @DBOS.workflow()
    def whole(value: int, queued: float) -> None:
        begun = time.time()
        for _ in range(STEPS):
            step(value)
        done.append((queued, begun))

    DBOS.launch()
    DBOS.register_queue("items", worker_concurrency=1, polling_interval_sec=0.05)
    return figures(lambda n, at: DBOS.enqueue_workflow("items", whole, n, at), lambda: None, 60)


def prefect(_url: str) -> dict[str, float]:
    """Ten flows after one another: it has no queue that one process could work through as fast as it can."""
    os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
    from prefect import flow, task

    step = task(double)

    @flow
    def whole(value: int, queued: float) -> None:
        done.append((queued, time.time()))
        for _ in range(STEPS):
            step(value)

    whole(0, time.time())
    done.clear()
    began, processor = time.perf_counter(), time.process_time()
    for n in range(10):
        whole(n, time.time())
    return summary(time.perf_counter() - began, time.process_time() - processor, 10)


PEERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "celery": celery,
    "dramatiq": dramatiq,
    "procrastinate": procrastinate,
    "dbos": dbos,
    "prefect": prefect,
}

if __name__ == "__main__":
    tell(PEERS[sys.argv[1]](sys.argv[2]))
