"""The main job beside Cloud Custodian's: find the public images of 20 accounts × 3 regions × 20 images."""

import collections
import json
import pathlib
import shutil
import sys

import boto3

import measure

MANAGEMENT = "100000000001"
ACCOUNTS, REGIONS, IMAGES = 20, ["eu-central-1", "eu-west-1", "us-east-1"], 20
ROLE = "OrganizationAccountAccessRole"
REQUIRED_RATIO = 100

WORLD = f"""\
version: 1
seed: 20
regions: [{", ".join(REGIONS)}]
organization: {{ management: "{MANAGEMENT}" }}
generate: {{ accounts: {ACCOUNTS}, imagesPerScope: {IMAGES}, publicShare: 0.03 }}
"""

POLICY = """\
policies:
  - name: public-images
    resource: aws.ami
    filters:
      - type: value
        key: Public
        value: true
"""


def compare(reeve, folder, report):
    with measure.simulate(reeve, folder, WORLD) as simulation:
        sweeps, others, calls = [], [], collections.Counter()
        # By turns, so that a machine that changes meanwhile changes for both.
        for _ in range(3):
            for _ in range(7):
                simulation.control("reset", post=True)
                done, answer = measure.sweep(reeve, folder, simulation, "--checks", "image.public")
                sweeps.append(done.wall)
                wrong = unexpected_calls(simulation.calls())
                report.check("calls of a sweep for public images", "; ".join(wrong[:3]) or "exactly the fewest",
                             "the fewest", not wrong, once=True)
            simulation.control("reset", post=True)
            others.append(custodian(folder, simulation).wall)
        for (service, operation, *_), count in simulation.calls().items():
            calls[f"{service}:{operation}"] += count
        found = {(finding["account"], finding["region"], finding["resourceId"]) for finding in answer["findings"]}
        found_by_other = custodian_findings(folder)
    ours, theirs = measure.Sample(sweeps), measure.Sample(others)
    print(f"  reeve sweep   {ours.text('s')}; {len(found)} public images")
    print(f"  c7n-org run   {theirs.text('s')}; {len(found_by_other)} public images, calls {dict(sorted(calls.items()))}")
    report.check("public images found by both", f"{len(found)} and {len(found_by_other)}", "the same, not none",
                 bool(found) and found == found_by_other)
    ratio = theirs.median / ours.median
    print(f"  ratio of the medians {ratio:.0f}, of the bests {theirs.best / ours.best:.0f}")
    report.check("sweep against c7n-org, wall time", f"{ratio:.0f} × faster", f"≥ {REQUIRED_RATIO} ×",
                 ratio >= REQUIRED_RATIO)


def unexpected_calls(counts):
    """What differs from one DescribeImages a scope, one DescribeRegions an account, and nothing else of EC2."""
    expected, wrong = {}, []
    accounts = {account for (service, _, account, _) in counts if service == "ec2"}
    if len(accounts) != ACCOUNTS + 1:
        wrong.append(f"{len(accounts)} accounts were called, expected {ACCOUNTS + 1}")
    for account in accounts:
        for region in REGIONS:
            expected["ec2", "DescribeImages", account, region] = 1
    regions_asked = collections.Counter()
    for key, count in counts.items():
        if key[0] != "ec2":
            continue
        if key[1] == "DescribeRegions":
            regions_asked[key[2]] += count
        elif expected.pop(key, None) != count:
            wrong.append(f"{count} × {' '.join(key)}")
    wrong += [f"no {' '.join(key)}" for key in expected]
    wrong += [f"{regions_asked[account]} × DescribeRegions {account}" for account in accounts
              if regions_asked[account] != 1]
    return wrong


def custodian(folder, simulation):
    """The same question to c7n-org, with the roles that Organizations makes, as its documentation sets it up."""
    organizations = boto3.client(
        "organizations", region_name="us-east-1", endpoint_url=simulation.endpoint,
        aws_access_key_id=simulation.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=simulation.environment["AWS_SECRET_ACCESS_KEY"])
    accounts = [
        {"account_id": account["Id"], "name": account["Name"], "regions": REGIONS,
         "role": f"arn:aws:iam::{account['Id']}:role/{ROLE}"}
        for page in organizations.get_paginator("list_accounts").paginate() for account in page["Accounts"]
        if account["Id"] != MANAGEMENT]
    # JSON is YAML.
    (folder / "accounts.yaml").write_text(json.dumps({"accounts": accounts}))
    (folder / "policy.yaml").write_text(POLICY)
    shutil.rmtree(folder / "custodian", ignore_errors=True)
    program = pathlib.Path(sys.executable).parent / "c7n-org"
    return measure.run(
        [program, "run", "-c", "accounts.yaml", "-u", "policy.yaml", "-s", "custodian", "--cache-period", "0"], folder,
        simulation.environment, expected=(0,), timeout=600)


def custodian_findings(folder):
    """c7n-org's layout: output/ACCOUNT-NAME/REGION/POLICY/resources.json."""
    found = set()
    for path in (folder / "custodian").glob("*/*/public-images/resources.json"):
        for image in json.loads(path.read_text()):
            found.add((image["OwnerId"], path.parts[-3], image["ImageId"]))
    return found
