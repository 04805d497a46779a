"""Real peers for reeve: moto's server to sweep, the AWS CLI and boto3 to drive `reeve simulate`."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

# Nothing of the developer's own AWS configuration or proxies reaches a test, in this process or in one that it starts;
# so this comes before boto3 looks around.
ORIGINAL_ENVIRONMENT = dict(os.environ)
_home = tempfile.TemporaryDirectory(prefix="reeve-conformance-home-")


def clean_environment(**variables):
    """An environment that knows of no AWS but what it is given."""
    kept = {name: value for name, value in ORIGINAL_ENVIRONMENT.items()
            if not name.startswith(("AWS_", "BOTO_", "REEVE_")) and not name.lower().endswith("_proxy")}
    kept.update(HOME=_home.name, AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null",
                AWS_EC2_METADATA_DISABLED="true", AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")
    kept.update(variables)
    return {name: value for name, value in kept.items() if value is not None}


os.environ.clear()
os.environ.update(clean_environment())

import boto3  # noqa: E402
import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402
import pytest  # noqa: E402

import shapes  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "Scenarios/demo.yaml"


def pytest_addoption(parser):
    parser.addoption("--reeve", default=str(ROOT / ".build/debug/reeve"))


@pytest.fixture(scope="session")
def reeve(request):
    path = os.path.abspath(request.config.getoption("--reeve"))
    assert os.access(path, os.X_OK), f"{path} is not there: run `make conformance`, or give --reeve"
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process, seconds=60):
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


def end(process):
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)
        raise AssertionError(f"{process.args[0]} did not end within 20 s of SIGTERM")


def refused(code, call, *arguments, **parameters):
    """The call ends with this code of AWS's; its whole error comes back, status and all."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **parameters)
    response = caught.value.response
    assert response["Error"]["Code"] == code, response["Error"]
    assert response["ResponseMetadata"].get("RequestId"), "an error without a request id"
    return dict(response["Error"], Status=response["ResponseMetadata"]["HTTPStatusCode"])


class Simulation:
    """A running endpoint and clients of it."""

    # Clients of one session share the loaded service models, which are what takes long.
    session = boto3.session.Session()

    def __init__(self, endpoint, environment, strict=True):
        self.endpoint = endpoint
        self.environment = environment
        self.strict = strict

    @property
    def keys(self):
        return {"AccessKeyId": self.environment["AWS_ACCESS_KEY_ID"],
                "SecretAccessKey": self.environment["AWS_SECRET_ACCESS_KEY"]}

    def client(self, service, region="us-east-1", credentials=None, retries=None, **config):
        keys = credentials or self.keys
        client = self.session.client(
            service, region_name=region, endpoint_url=self.endpoint, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"),
            config=botocore.config.Config(retries=retries or {"total_max_attempts": 1}, **config))
        if self.strict:
            client.meta.events.register("before-parse", shapes.check_response)
        return client

    def assume(self, account, role="OrganizationAccountAccessRole", credentials=None, **extra):
        return self.client("sts", credentials=credentials).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="conformance", **extra)["Credentials"]

    def control(self, path, body=None):
        request = urllib.request.Request(
            f"{self.endpoint}/_simulator/{path}", data=None if body is None else json.dumps(body).encode(),
            method="GET" if body is None else "POST", headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def variables(self, credentials=None, **more):
        """The environment of a client process."""
        keys = credentials or self.keys
        return clean_environment(**dict(
            dict(AWS_ENDPOINT_URL=self.endpoint, AWS_ACCESS_KEY_ID=keys["AccessKeyId"],
                 AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"], AWS_SESSION_TOKEN=keys.get("SessionToken"),
                 AWS_MAX_ATTEMPTS="1"), **more))

    def cli(self, *words, credentials=None, check=True, **more):
        """The AWS CLI as a person has it: the parsed answer, or with check=False the finished process."""
        aws = pathlib.Path(sys.executable).parent / "aws"
        done = subprocess.run([str(aws), *words, "--output", "json"], env=self.variables(credentials, **more),
                              capture_output=True, text=True, timeout=120)
        if not check:
            return done
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def simulate(reeve, tmp_path):
    """Starts `reeve simulate` with options; ends it after the test."""
    started = []

    def start(*options, throttling="off"):
        env_file = tmp_path / f"simulate-{len(started)}.env"
        errors = tmp_path / f"simulate-{len(started)}.err"
        with errors.open("w") as output:
            process = subprocess.Popen(
                [reeve, "simulate", "--port", "0", "--env-file", str(env_file),
                 "--throttling", throttling, *map(str, options)],
                env=clean_environment(), stdout=subprocess.DEVNULL, stderr=output)
        started.append(process)
        deadline = time.monotonic() + 60
        while not env_file.exists():
            assert process.poll() is None, errors.read_text()
            assert time.monotonic() < deadline, "reeve simulate did not write its --env-file"
            time.sleep(0.02)
        environment = {}
        for line in env_file.read_text().splitlines():
            if line.startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                environment[name] = value.strip("'\"")
        simulation = Simulation(environment["AWS_ENDPOINT_URL"], environment)
        simulation.env_file = env_file
        return simulation

    yield start
    for process in started:
        end(process)


@pytest.fixture
def organization(simulate):
    """A fresh management account that creates an organization and two accounts; time moves by the control endpoint."""
    simulation = simulate()
    client = simulation.client("organizations")
    client.create_organization(FeatureSet="ALL")
    accounts = []
    for name in ("alpha", "beta"):
        request = client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        assert request["State"] == "IN_PROGRESS"
        simulation.control("clock", {"advance": "15m"})
        done = client.describe_create_account_status(CreateAccountRequestId=request["Id"])["CreateAccountStatus"]
        assert done["State"] == "SUCCEEDED"
        accounts.append(done["AccountId"])
    return simulation, accounts


@pytest.fixture
def moto():
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], env=clean_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        wait_for(f"{endpoint}/moto-api/", process)
        yield Simulation(
            endpoint, {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}, strict=False)
    finally:
        end(process)


def snapshot(ec2, **options):
    """A first snapshot, as anybody gets one: of a volume."""
    volume = ec2.create_volume(AvailabilityZone=f"{ec2.meta.region_name}a", Size=8, **options)["VolumeId"]
    return ec2.create_snapshot(VolumeId=volume)["SnapshotId"]


def register(ec2, name, backing=None, **options):
    return ec2.register_image(
        Name=name, RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm",
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": backing or snapshot(ec2)}}],
        **options)["ImageId"]


def sweep_command(reeve, tmp_path, *options):
    return [reeve, "sweep", "--format", "json", "--ledger", str(tmp_path / "ledger.db"), *options]


def sweep(reeve, simulation, tmp_path, *options, **more):
    """Runs `reeve sweep --format json` against a simulation: (exit status, report, standard error)."""
    done = subprocess.run(sweep_command(reeve, tmp_path, *options), env=simulation.variables(AWS_MAX_ATTEMPTS=None, **more),
                          capture_output=True, text=True, timeout=300)
    report = json.loads(done.stdout) if done.stdout.strip().startswith("{") else None
    return done.returncode, report, done.stderr


def found(report):
    """Findings as lines of Scenarios/demo.expected."""
    return sorted(f"{f['check']} {f['resourceId']} {f['account']} {f['region']}" for f in report["findings"])
