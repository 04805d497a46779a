"""The simulator under load beside moto's server in the same run, and worlds of many images."""

import contextlib
import http.client
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials

import measure

REGION = "us-east-1"
MANAGEMENT, MEMBER = "100000000001", "100000000002"
IMAGES = 1_000
TIMES_BY_ID, TIMES_ASSUME_ROLE, TIMES_LISTING = 100, 100, 300
LISTED, LISTING_MILLISECONDS = 10_000, 100
MILLION, MILLION_SECONDS, MILLION_MEGABYTES = 1_000_000, 10, 1_024
# Both servers get the same load, one after the other: connections, seconds. A listing of moto's takes a good part of a
# second, and only answers that came whole are counted.
LOADS = {"by id": (32, 5), "AssumeRole": (32, 5), "listing": (2, 20)}
HERE = pathlib.Path(__file__).parent

WORLD = f"""\
version: 1
seed: 7
organization: {{ management: "{MANAGEMENT}" }}
accounts:
  - id: "{MANAGEMENT}"
    users:
      - name: admin
        policies: [AdministratorAccess]
        accessKeys: [{{ id: AKIABENCHBENCHBENCH1, secret: benchbenchbenchbenchbenchbenchbenchbench }}]
    generate: {{ images: {{images}}, regions: [{REGION}], tags: {{ Name: bench, Owner: team }} }}
  - id: "{MEMBER}"
"""
ROLE = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"


def load(reeve, folder, report):
    against_moto(reeve, folder, report)
    one_listing(reeve, folder, report)
    million(reeve, folder, report)


# Against moto


def against_moto(reeve, folder, report):
    require_wrk()
    # Reeve on both sides of moto: the machine changes meanwhile.
    ours = [under_load_of_reeve(reeve, folder)]
    with moto() as endpoint:
        theirs = under_load("moto", endpoint, "AKIAIOSFODNN7EXAMPLE", "secret", folder)
    ours.append(under_load_of_reeve(reeve, folder))
    for what, name, bound in [
        ("by id", "DescribeImages by id", TIMES_BY_ID), ("AssumeRole", "AssumeRole", TIMES_ASSUME_ROLE),
        ("listing", f"DescribeImages of {IMAGES:,} images", TIMES_LISTING),
    ]:
        ours_rate = sum(rates[what] for rates in ours) / len(ours)
        ratio = ours_rate / theirs[what]
        report.check(f"{name}, against moto", f"{ratio:.0f} × ({ours_rate:.0f}/s, moto {theirs[what]:.1f}/s)",
                     f"≥ {bound} ×", ratio >= bound)


def under_load_of_reeve(reeve, folder):
    with measure.simulate(reeve, folder, WORLD.replace("{images}", str(IMAGES))) as simulation:
        environment = simulation.environment
        return under_load("reeve", simulation.endpoint, environment["AWS_ACCESS_KEY_ID"],
                          environment["AWS_SECRET_ACCESS_KEY"], folder)


def under_load(name, endpoint, key, secret, folder):
    """Answers a second, by request."""
    listing = signed(endpoint, key, secret, "ec2", {"Action": "DescribeImages", "Version": "2016-11-15", "Owner.1": "self"})
    ids = re.findall(rb"<imageId>(ami-[0-9a-f]+)</imageId>", answer(listing))
    if len(ids) != IMAGES:
        raise RuntimeError(f"{name} lists {len(ids)} images, expected {IMAGES}")
    requests = {
        "by id": signed(endpoint, key, secret, "ec2", {
            "Action": "DescribeImages", "Version": "2016-11-15", "ImageId.1": ids[IMAGES // 2].decode()}),
        "AssumeRole": signed(endpoint, key, secret, "sts", {
            "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": ROLE, "RoleSessionName": "bench"}),
        "listing": listing,
    }
    rates = {}
    for what, request in requests.items():
        expected = {"by id": b"<imageId>", "AssumeRole": b"<SessionToken>", "listing": b"<imageId>"}[what]
        if expected not in answer(request):
            raise RuntimeError(f"{name} does not answer {what} as expected")
        rates[what] = wrk(request, *LOADS[what], folder)
        print(f"  {name:6} {what:11} {rates[what]:10.1f} answers/s", flush=True)
    return rates


def signed(endpoint, key, secret, service, form, token=None, region=REGION):
    """Signed beforehand; the simulator checks the signature of every single one."""
    request = botocore.awsrequest.AWSRequest(
        method="POST", url=endpoint + "/", data=urllib.parse.urlencode(form),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    credentials = botocore.credentials.Credentials(key, secret, token)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return request.prepare()


def answer(request):
    sent = urllib.request.Request(
        request.url, data=request.body.encode() if isinstance(request.body, str) else request.body,
        headers={name: text(value) for name, value in request.headers.items()})
    with urllib.request.urlopen(sent, timeout=120) as response:
        return response.read()


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def wrk(request, connections, seconds, folder):
    script = folder / "load.lua"
    lines = [(HERE / "load.lua").read_text(), 'wrk.method = "POST"', f"wrk.body = {json.dumps(text(request.body))}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(text(value))}" for name, value in request.headers.items()
              if name.lower() != "content-length"]
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", script, request.url],
        capture_output=True, text=True, timeout=seconds + 120, check=True)
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[len("RESULT"):])
    failed = {name: count for name, count in result.items() if name not in ("requests", "microseconds") and count}
    if failed or result["requests"] == 0:
        raise RuntimeError(f"wrk: {result}")
    return result["requests"] / (result["microseconds"] / 1e6)


def require_wrk():
    try:
        # It has no option that ends well: its version comes with a status of its own.
        subprocess.run(["wrk", "-v"], capture_output=True)
    except FileNotFoundError:
        raise SystemExit("this bench needs wrk; run:  sudo apt-get install -y wrk") from None


@contextlib.contextmanager
def moto():
    port = measure.free_port()
    process = subprocess.Popen(
        [sys.executable, HERE / "moto_server.py", str(port), str(IMAGES), REGION], env=measure.clean_environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("moto's server did not start") from None
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


# Many images


def one_listing(reeve, folder, report):
    with measure.simulate(reeve, folder, WORLD.replace("{images}", str(LISTED))) as simulation:
        environment = simulation.environment
        taken = []
        for _ in range(15):
            request = signed(simulation.endpoint, environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"],
                             "ec2", {"Action": "DescribeImages", "Version": "2016-11-15", "Owner.1": "self"})
            started = time.perf_counter()
            body = answer(request)
            taken.append(time.perf_counter() - started)
        images, tags = body.count(b"<imageId>"), body.count(b"<key>")
        if (images, tags) != (LISTED, 3 * LISTED):
            raise RuntimeError(f"the listing has {images} images and {tags} tags")
    sample = measure.Sample(taken)
    print(f"  {LISTED:,} images in one listing, {len(body) / 1e6:.1f} MB: {sample.text('ms', 1e3)}")
    report.check(f"{LISTED:,} images with three tags in one listing", f"{sample.median * 1e3:.0f} ms",
                 f"≤ {LISTING_MILLISECONDS} ms", sample.median * 1e3 <= LISTING_MILLISECONDS)


ACCOUNTS, REGIONS = 100, ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]


def million(reeve, folder, report):
    each = MILLION // ACCOUNTS // len(REGIONS)
    world = f"""\
version: 1
seed: 7
organization: {{ management: "{MANAGEMENT}" }}
generate:
  {{ accounts: {ACCOUNTS}, regions: [{", ".join(REGIONS)}], imagesPerScope: {each}, publicShare: 0.01, foreignShare: 0.02 }}
"""
    started = time.monotonic()
    with measure.simulate(reeve, folder, world) as simulation:
        ready = time.monotonic() - started
        first = measure.high_water(simulation.pid) / 1024
        listed = list_everything(simulation)
        last = measure.high_water(simulation.pid) / 1024
    print(f"  {MILLION:,} images: ready in {ready:.1f} s with {first:.0f} MB; all {listed:,} listed: {last:.0f} MB")
    report.check(f"{MILLION:,} generated images, ready", f"{ready:.1f} s", f"≤ {MILLION_SECONDS} s",
                 ready <= MILLION_SECONDS)
    report.check(f"{MILLION:,} images, memory at its highest, each listed once", f"{last:.0f} MB",
                 f"≤ {MILLION_MEGABYTES} MB", last <= MILLION_MEGABYTES and listed == MILLION)


def list_everything(simulation):
    """Every account's own images in every region, once: how many there are."""
    environment = simulation.environment
    own = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    accounts, token = [], None
    while True:
        page = organizations(simulation, own, token)
        accounts += [account["Id"] for account in page["Accounts"] if account["Id"] != MANAGEMENT]
        token = page.get("NextToken")
        if not token:
            break
    listed = 0
    for account in accounts:
        body = answer(signed(simulation.endpoint, *own, "sts", {
            "Action": "AssumeRole", "Version": "2011-06-15", "RoleSessionName": "bench",
            "RoleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"})).decode()
        key, secret, token = (re.search(f"<{name}>([^<]*)<", body).group(1)
                              for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        for region in REGIONS:
            listed += answer(signed(
                simulation.endpoint, key, secret, "ec2",
                {"Action": "DescribeImages", "Version": "2016-11-15", "Owner.1": "self", "IncludeDisabled": "true"},
                token, region)).count(b"<imageId>")
    return listed


def organizations(simulation, own, token):
    request = botocore.awsrequest.AWSRequest(
        method="POST", url=simulation.endpoint + "/", data=json.dumps({"NextToken": token} if token else {}),
        headers={"Content-Type": "application/x-amz-json-1.1",
                 "X-Amz-Target": "AWSOrganizationsV20161128.ListAccounts"})
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*own), "organizations", REGION).add_auth(request)
    return json.loads(answer(request.prepare()))
