"""Processes under measurement: what one took, a `reeve simulate` to run it against, and how calm the machine is."""

import contextlib
import dataclasses
import json
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import time
import urllib.request


@dataclasses.dataclass
class Run:
    """One finished process. Peak memory is the kernel's own high-water mark for it (VmHWM)."""

    wall: float
    cpu: float
    peak_megabytes: float
    status: int
    output: str
    errors: str


def clean_environment(**variables):
    """Nothing of the developer's own AWS configuration reaches a measurement."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "C7N_"))}
    kept.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true")
    kept.update(variables)
    return kept


def run(words, folder, environment, expected, timeout):
    """Runs a command to its end; a status that was not expected is an error with the command's own words."""
    out, errors = folder / "output", folder / "errors"
    with open(out, "wb") as output, open(errors, "wb") as error_output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        process = subprocess.Popen(words, env=environment, stdout=output, stderr=error_output, cwd=folder)
        peak = wait(process, started + timeout)
        wall = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = Run(
        wall=wall, cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak_megabytes=peak / 1024,
        status=process.returncode, output=out.read_text(), errors=errors.read_text())
    if result.status not in expected:
        raise RuntimeError(
            f"{' '.join(map(str, words))}\nended with status {result.status} after {wall:.1f} s, expected one of "
            f"{expected}:\n{result.errors[-2000:]}")
    return result


def wait(process, deadline):
    """The process's end; its peak memory in kilobytes. Asked for while it lives: what wait4 tells afterwards counts the
    memory of whoever started it, too."""
    peak = 0
    while True:
        peak = max(peak, high_water(process.pid))
        if process.poll() is not None:
            return peak
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise RuntimeError(f"{process.args[0]} was ended: it took longer than allowed")
        time.sleep(0.003)


def high_water(pid):
    """0 for a process that is over."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except FileNotFoundError:
        pass
    return 0


class Simulation:
    def __init__(self, environment, pid):
        self.pid = pid
        self.endpoint = environment["AWS_ENDPOINT_URL"]
        self.environment = clean_environment(**environment)

    def control(self, path, post=False):
        request = urllib.request.Request(f"{self.endpoint}/_simulator/{path}", data=b"" if post else None)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def calls(self):
        """(service, operation, account, region) → how often; a call that failed is an error here."""
        counts = {}
        for call in self.control("calls")["calls"]:
            if call["result"] != "OK":
                raise RuntimeError(f"a call was refused by the simulator: {call}")
            counts[call["service"], call["operation"], call["account"], call["region"]] = call["count"]
        return counts


@contextlib.contextmanager
def simulate(reeve, folder, world):
    """A `reeve simulate` of a world, in a process of its own."""
    (folder / "world.yaml").write_text(world)
    env_file = folder / "environment"
    env_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [reeve, "simulate", "--port", "0", "--throttling", "off", "--world", folder / "world.yaml", "--env-file", env_file],
        env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 120
        while not env_file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"reeve simulate did not start: {process.stderr.read().decode()}")
            time.sleep(0.01)
        lines = [line.removeprefix("export ").split("=", 1) for line in env_file.read_text().splitlines()]
        yield Simulation(dict(line for line in lines if len(line) == 2), process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def sweep(reeve, folder, simulation, *options, timeout=1200, configuration=""):
    """A sweep into a new ledger on disk: (what it took, its report)."""
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"]:
        (folder / name).unlink(missing_ok=True)
    # The whole quota, for nobody else is in this world.
    (folder / "reeve.yaml").write_text("version: 1\nlimits:\n  share: 1.0\n" + configuration)
    words = [reeve, "sweep", "--config", "reeve.yaml", "--ledger", "ledger.db", "--format", "json", *options]
    done = run(words, folder, simulation.environment, expected=(0, 1), timeout=timeout)
    return done, json.loads(done.output)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Sample:
    """Repeated measurements. Figures are medians; the best says what the machine's noise may have cost."""

    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def best(self):
        return min(self.values)

    def text(self, unit, scale=1):
        worst = max(self.values) * scale
        return (f"median {self.median * scale:.4g} {unit}, best {self.best * scale:.4g}, worst {worst:.4g} "
                f"of {len(self.values)}")


def noise(rounds=15):
    """How much longer the same arithmetic takes from one time to the next: (spread, load average)."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        sum(number * number for number in range(300_000))
        taken.append(time.perf_counter() - started)
    return max(taken) / min(taken), statistics.median(taken) / min(taken), os.getloadavg()[0]


def workplace(root):
    """A folder on the disk of the checkout, not in memory: a ledger's commits are part of a sweep."""
    place = pathlib.Path(root) / ".build" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    return place
