"""How long until there is something: the first line, the first answer."""

import http.client
import subprocess
import time

import measure

VERSION_MILLISECONDS, ANSWER_MILLISECONDS = 30, 100


def start(reeve, folder, report):
    environment = measure.clean_environment()
    versions = []
    for _ in range(40):
        started = time.perf_counter()
        subprocess.run([reeve, "--version"], env=environment, stdout=subprocess.DEVNULL, check=True)
        versions.append(time.perf_counter() - started)
    answers = [first_answer(reeve, environment) for _ in range(15)]
    version, answer = measure.Sample(versions), measure.Sample(answers)
    print(f"  reeve --version             {version.text('ms', 1e3)}")
    print(f"  reeve simulate, first answer {answer.text('ms', 1e3)}")
    report.check("reeve --version", f"{version.median * 1e3:.1f} ms", f"< {VERSION_MILLISECONDS} ms",
                 version.median * 1e3 < VERSION_MILLISECONDS)
    report.check("simulator's first answer", f"{answer.median * 1e3:.1f} ms", f"< {ANSWER_MILLISECONDS} ms",
                 answer.median * 1e3 < ANSWER_MILLISECONDS)


def first_answer(reeve, environment):
    """From the start of the process to a whole answer of a fresh world, the client's polling included."""
    port = measure.free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [reeve, "simulate", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < 30:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", "/_simulator/health")
                if connection.getresponse().read().startswith(b"{"):
                    return time.perf_counter() - started
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"reeve simulate ended with status {process.returncode}")
                time.sleep(0.001)
            finally:
                connection.close()
        raise RuntimeError("reeve simulate gave no answer within 30 s")
    finally:
        # It has just started, so that a signal that comes too early to be heard would show up here.
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RuntimeError("reeve simulate did not end at SIGTERM")
