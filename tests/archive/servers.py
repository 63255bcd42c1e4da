"""A PostgreSQL server of our own, thrown away afterwards: for the archive's tests and scripts/measure_store."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

NOBODY = "nobody"


@dataclass
class Cluster:
    """A PostgreSQL server of our own on a Unix socket, run by a user without rights."""

    programs: Path
    folder: Path
    made: int = 0
    settings: str = ""

    def run(self, program: str, *arguments: str) -> None:
        who = {"user": NOBODY, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        command = [str(self.programs / program), *arguments]
        with (self.folder / "log").open("ab") as log:  # not a pipe: the server would keep it open
            subprocess.run(
                command, check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", timeout=60, **who
            )

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=20 {self.settings}"
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def processor_s(self) -> float:
        """Seconds of processor time that the server and its processes have used, those that have ended included."""
        parent = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:  # ended since
                continue
            if int(path.parent.name) == parent:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == parent:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def new_url(self) -> str:
        """A store's URL: a schema of its own in the one database (quicker than a database each)."""
        self.made += 1
        plain = f"host={self.folder} user=tester dbname=postgres"
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA archive{self.made}")
        return f"postgresql://tester@/postgres?host={self.folder}&options=-csearch_path%3Darchive{self.made}"


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def running(where: Path, settings: str = "") -> Iterator[Cluster]:
    """A server from these programs, with more settings as postgres takes them, in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="marktrace-pg-"))
    folder.chmod(0o777)
    server = Cluster(where, folder, settings=settings)
    try:
        server.run("initdb", "-D", str(folder / "data"), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        access = folder / "data" / "pg_hba.conf"
        access.write_text("local all guarded scram-sha-256\nlocal all all trust\n")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
