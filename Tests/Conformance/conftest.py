"""Real peers for reeve: moto's server to sweep, the AWS CLI and boto3 to drive `reeve simulate`."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--reeve", default=str(ROOT / ".build/debug/reeve"))


@pytest.fixture(scope="session")
def reeve(request):
    return os.path.abspath(request.config.getoption("--reeve"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server at {url} ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no answer from {url} within {seconds} s")


def clean_environment(**variables):
    """Nothing of the developer's own AWS configuration reaches a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true",
                AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1")
    kept.update(variables)
    return kept


class Simulation:
    """A running `reeve simulate` and clients of it."""

    def __init__(self, endpoint, environment):
        self.endpoint = endpoint
        self.environment = environment

    def client(self, service, region="us-east-1", credentials=None, **config):
        keys = credentials or {
            "AccessKeyId": self.environment["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": self.environment["AWS_SECRET_ACCESS_KEY"],
        }
        return boto3.session.Session().client(
            service, region_name=region, endpoint_url=self.endpoint, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}, **config))

    def assume(self, account, role="OrganizationAccountAccessRole", **extra):
        return self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="conformance", **extra)["Credentials"]

    def control(self, path, body=None):
        request = urllib.request.Request(
            f"{self.endpoint}/_simulator/{path}", data=None if body is None else json.dumps(body).encode(),
            method="GET" if body is None else "POST", headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def cli(self, *words, credentials=None, check=True):
        environment = clean_environment(
            AWS_ENDPOINT_URL=self.endpoint, AWS_ACCESS_KEY_ID=self.environment["AWS_ACCESS_KEY_ID"],
            AWS_SECRET_ACCESS_KEY=self.environment["AWS_SECRET_ACCESS_KEY"], AWS_PAGER="", AWS_MAX_ATTEMPTS="1")
        if credentials:
            environment.update(AWS_ACCESS_KEY_ID=credentials["AccessKeyId"],
                               AWS_SECRET_ACCESS_KEY=credentials["SecretAccessKey"],
                               AWS_SESSION_TOKEN=credentials["SessionToken"])
        aws = pathlib.Path(sys.executable).parent / "aws"
        done = subprocess.run([str(aws), *words, "--output", "json"], env=environment, capture_output=True, text=True,
                              timeout=60)
        if not check:
            return done
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def simulate(reeve, tmp_path):
    """Starts `reeve simulate` with options; ends it after the test."""
    started = []

    def start(*options):
        env_file = tmp_path / f"env-{len(started)}"
        process = subprocess.Popen(
            [reeve, "simulate", "--port", "0", "--env-file", str(env_file), *options], env=clean_environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        started.append(process)
        deadline = time.monotonic() + 30
        while not env_file.exists():
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < deadline, "reeve simulate did not write its --env-file"
            time.sleep(0.02)
        environment = {}
        for line in env_file.read_text().splitlines():
            if line.startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                environment[name] = value.strip("'\"")
        return Simulation(environment["AWS_ENDPOINT_URL"], environment)

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def moto():
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], env=clean_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    wait_for(f"{endpoint}/moto-api/", process)
    yield Simulation(endpoint, {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"})
    process.terminate()
    process.wait(timeout=20)


def sweep(reeve, simulation, tmp_path, *options):
    """Runs `reeve sweep --format json` against a simulation: (exit status, report, standard error)."""
    environment = clean_environment(AWS_ENDPOINT_URL=simulation.endpoint,
                                    AWS_ACCESS_KEY_ID=simulation.environment["AWS_ACCESS_KEY_ID"],
                                    AWS_SECRET_ACCESS_KEY=simulation.environment["AWS_SECRET_ACCESS_KEY"])
    done = subprocess.run(
        [reeve, "sweep", "--format", "json", "--ledger", str(tmp_path / "ledger.db"), *options], env=environment,
        capture_output=True, text=True, timeout=300)
    report = json.loads(done.stdout) if done.stdout.strip().startswith("{") else None
    return done.returncode, report, done.stderr
