"""What goes wrong between a client and AWS, as boto3 and the AWS CLI see it: throttling, faults on the way, other clocks."""

import json
import time
import urllib.error
import urllib.request

import botocore.exceptions
import botocore.parsers
import pytest

from conftest import refused

BLOCK = dict(ImageBlockPublicAccessState="block-new-sharing")


def put(simulation, path, body, method="PUT", headers=None):
    request = urllib.request.Request(
        f"{simulation.endpoint}/_simulator/{path}", data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read())


def attempts(response):
    return response["ResponseMetadata"]["RetryAttempts"]


def test_aws_s_rates_are_enforced_and_refill(simulate):
    simulation = simulate(throttling="on")
    ec2 = simulation.client("ec2")
    ec2.enable_image_block_public_access(**BLOCK)
    error = refused("RequestLimitExceeded", ec2.enable_image_block_public_access, **BLOCK)
    assert error["Status"] == 503 and error["Message"] == "Request limit exceeded."
    # Another API, another region: buckets of their own.
    ec2.disable_image_block_public_access()
    simulation.client("ec2", region="eu-west-1").enable_image_block_public_access(**BLOCK)
    simulation.control("clock", {"advance": "10s"})
    ec2.enable_image_block_public_access(**BLOCK)
    calls = json.loads(simulation.control("calls?operation=EnableImageBlockPublicAccess&result=RequestLimitExceeded"))
    assert [call["count"] for call in calls["calls"]] == [1]
    simulation.control("reset", {})
    ec2.enable_image_block_public_access(**BLOCK)


@pytest.mark.parametrize("mode, most", [("legacy", 5), ("standard", 3), ("adaptive", 3)])
def test_every_retry_mode_comes_through_throttling_and_gives_up_when_it_lasts(simulate, mode, most):
    simulation = simulate()
    ec2 = simulation.client("ec2", retries={"mode": mode, "total_max_attempts": most})
    put(simulation, "faults", [{"fault": "throttling", "operation": "ec2:DescribeRegions", "first": 2}])
    assert attempts(ec2.describe_regions()) == 2
    put(simulation, "faults", [{"fault": "throttling", "operation": "ec2:DescribeRegions"}])
    refused("RequestLimitExceeded", ec2.describe_regions)
    seen = json.loads(simulation.control("calls?operation=DescribeRegions&result=RequestLimitExceeded"))["calls"]
    assert seen[0]["count"] == 2 + most


@pytest.mark.parametrize("fault, status", [({"fault": "server-error"}, 500),
                                           ({"fault": "error", "code": "Unavailable", "status": 503}, 503)])
def test_server_errors_are_retried(simulate, fault, status):
    simulation = simulate()
    put(simulation, "faults", [dict(fault, service="ec2", first=1)])
    assert attempts(simulation.client("ec2", retries={"mode": "standard"}).describe_regions()) == 1
    put(simulation, "faults", [dict(fault, service="ec2")])
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        simulation.client("ec2").describe_regions()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_the_way_can_be_slow_broken_or_garbled(simulate):
    simulation = simulate()
    ec2 = simulation.client("ec2", read_timeout=2)
    other = simulation.client("sts")
    put(simulation, "faults", [{"fault": "latency", "delay": "300ms", "service": "ec2"}])
    began = time.monotonic()
    ec2.describe_regions()
    assert time.monotonic() - began >= 0.3
    other.get_caller_identity()
    put(simulation, "faults", [{"fault": "timeout", "service": "ec2"}])
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        simulation.client("ec2", read_timeout=0.3).describe_regions()
    other.get_caller_identity()
    put(simulation, "faults", [{"fault": "reset", "service": "ec2"}])
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        ec2.describe_regions()
    for fault in ({"fault": "truncated", "bytes": 40}, {"fault": "garbled"}):
        put(simulation, "faults", [dict(fault, service="ec2")])
        with pytest.raises(botocore.parsers.ResponseParserError):
            plain(simulation).describe_regions()
    put(simulation, "faults", b"", method="DELETE")
    assert ec2.describe_regions()["Regions"]


def plain(simulation):
    """A client that looks at nothing but what boto3 itself does."""
    simulation.strict, strict = False, simulation.strict
    try:
        return simulation.client("ec2")
    finally:
        simulation.strict = strict


def test_a_reset_after_the_call_was_handled_is_done_twice_by_who_retries(simulate):
    simulation = simulate()
    put(simulation, "faults", [
        {"fault": "reset", "handled": True, "operation": "ec2:DescribeRegions", "first": 1}])
    answer = simulation.client("ec2", retries={"mode": "standard"}).describe_regions()
    assert attempts(answer) == 1
    seen = json.loads(simulation.control("calls?operation=ec2:DescribeRegions"))["calls"]
    assert [call["count"] for call in seen] == [2]


def test_credentials_expire_and_permissions_go_as_a_fault_says(simulate):
    simulation = simulate()
    put(simulation, "faults", [{"fault": "expired-credentials"}])
    refused("RequestExpired", simulation.client("ec2").describe_regions)
    assert refused("ExpiredToken", simulation.client("sts").get_caller_identity)["Status"] == 403
    refused("ExpiredTokenException", simulation.client("organizations").describe_organization)
    put(simulation, "faults", [{"fault": "denied", "region": "eu-*", "reason": "with an explicit deny"}])
    error = refused("UnauthorizedOperation", simulation.client("ec2", region="eu-west-1").describe_regions)
    assert "with an explicit deny" in error["Message"] and error["Status"] == 403
    simulation.client("ec2").describe_regions()


def test_reads_can_lag_behind_a_write(simulate):
    simulation = simulate()
    ec2 = simulation.client("ec2")
    snapshot = ec2.create_snapshot(VolumeId=ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])
    put(simulation, "faults", [{"fault": "stale-reads", "lasts": "30s", "service": "ec2"}])
    tag = dict(Resources=[snapshot["SnapshotId"]], Tags=[{"Key": "k", "Value": "v"}])
    ec2.create_tags(**tag)
    read = lambda: ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [snapshot["SnapshotId"]]}])["Tags"]
    assert read() == []
    simulation.control("clock", {"advance": "31s"})
    assert len(read()) == 1


def test_the_cli_tells_throttling_and_broken_connections(simulate):
    simulation = simulate()
    put(simulation, "faults", [{"fault": "throttling", "operation": "DescribeRegions"}])
    done = simulation.cli("ec2", "describe-regions", check=False)
    assert done.returncode != 0 and "(RequestLimitExceeded)" in done.stderr
    put(simulation, "faults", [{"fault": "throttling", "operation": "DescribeRegions", "first": 1}])
    assert simulation.cli("ec2", "describe-regions", AWS_MAX_ATTEMPTS="3")["Regions"]
    put(simulation, "faults", [{"fault": "reset", "operation": "DescribeRegions"}])
    done = simulation.cli("ec2", "describe-regions", check=False)
    assert done.returncode != 0 and "Connection was closed" in done.stderr


def test_a_world_goes_out_and_comes_in_again(simulate):
    simulation = simulate()
    simulation.client("organizations").create_organization(FeatureSet="ALL")
    dump = simulation.control("world")
    simulation.control("reset", {})
    put(simulation, "world", dump)
    assert simulation.control("world") == dump
    assert simulation.client("organizations").describe_organization()["Organization"]["FeatureSet"] == "ALL"


def test_rules_that_make_no_sense_are_refused_with_every_problem(simulate):
    simulation = simulate()
    with pytest.raises(urllib.error.HTTPError) as caught:
        put(simulation, "faults", b"- fault: throtling\n- {fault: latency}\n- {fault: garbled, regoin: x}\n")
    answer = json.loads(caught.value.read())
    assert caught.value.code == 400
    assert answer["error"] == "3 problems"
    assert [problem.split(":")[1] for problem in answer["problems"]] == ["1", "2", "3"]


def test_where_others_can_reach_it_the_control_endpoints_want_their_token(simulate, reeve, tmp_path):
    import subprocess
    from conftest import clean_environment
    bare = subprocess.run([reeve, "simulate", "--listen", "0.0.0.0", "--port", "0"], capture_output=True, text=True,
                          env=clean_environment(), timeout=20)
    assert bare.returncode == 2 and "--token-file" in bare.stderr
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    simulation = simulate("--listen", "127.0.0.1", "--token-file", token)
    with pytest.raises(urllib.error.HTTPError) as caught:
        simulation.control("clock")
    assert caught.value.code == 401 and "0123456789" not in caught.value.read().decode()
    header = {"Authorization": "Bearer 0123456789abcdef0123456789abcdef"}
    assert put(simulation, "clock", {"advance": "1m"}, method="POST", headers=header)["now"]
    assert simulation.client("sts").get_caller_identity()["Account"]
    for error_file in tmp_path.glob("*.err"):
        assert "0123456789abcdef" not in error_file.read_text()
