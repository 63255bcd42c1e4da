"""A run on a Ray cluster of two machines (of one processor each) that is started and stopped here, in a process of
its own, since tests open no network connection.

    python -m archive.raying STORE FOLDER SETTINGS [MAKE SECONDS]
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from archive import fakes

from vision.archive.cluster import ray_engine
from vision.archive.crew import Limits
from vision.archive.source import root_of
from vision.archive.store import open_store
from vision.archive.tag import tag
from vision.archive.worker import Job
from vision.errors import MarktraceError

TOO_BUSY = 75


def main(store: str, folder: str, settings: str, make: str = fakes.MAKE, seconds: str = "5") -> int:
    """Tag a folder (or a URL) with the engine ray, with this examiner and so long for a photo.

    Says the counts as JSON, or what was refused."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    start(cluster, include_dashboard=False)
    start(cluster)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    try:
        job = Job(make, json.loads(settings))
        with open_store(store, create=True) as opened:
            engine = ray_engine(job, None, Limits(seconds=float(seconds), memory_bytes=2**30))
            outcome = tag(opened, [root_of(folder)], job, engine)
        machines = len([node for node in ray.nodes() if node["Alive"]])
        said = {"examined": outcome.examined, "failed": outcome.failed, "machines": machines}
    except MarktraceError as fault:
        said = {"refused": str(fault), "exit_code": fault.exit_code}
    finally:
        ray.shutdown()
        cluster.shutdown()
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


def start(cluster: Any, **how: object) -> None:
    """Start a machine of one processor. Ray gives up after 30 seconds, which a busy computer can need."""
    for _ in range(2):
        try:
            cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20, **how)
            return
        except Exception as fault:
            if "timed out during startup" not in str(fault):
                raise
    sys.exit(TOO_BUSY)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
