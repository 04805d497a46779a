"""What is no proper request gets an answer that says so, and the simulator goes on."""

import datetime
import http.client
import json
import socket
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import botocore.parsers
import pytest

from conftest import DEMO, refused

# Long inputs would make long names.
brief = lambda value: repr(value)[:40] if isinstance(value, bytes) else None

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.fixture
def server(simulate):
    simulation = simulate()
    yield simulation
    # Whatever came, it still answers.
    assert simulation.client("sts").get_caller_identity()["Account"]


def signed(simulation, body, service="ec2", headers=None, at=None, method="POST", query=""):
    keys = simulation.keys
    request = botocore.awsrequest.AWSRequest(
        method=method, url=simulation.endpoint + "/" + (f"?{query}" if query else ""), data=body,
        headers={"Content-Type": FORM, **(headers or {})})
    auth = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"]), service, "us-east-1")
    request.context["timestamp"] = (at or datetime.datetime.now(datetime.timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return send(simulation, method, "/" + (f"?{query}" if query else ""), body, dict(request.headers.items()))


def send(simulation, method, path, body=b"", headers=None):
    host = urllib.parse.urlsplit(simulation.endpoint).netloc
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def raw(simulation, data):
    """Bytes as they are; what comes back until the server has said all it has to."""
    parts = urllib.parse.urlsplit(simulation.endpoint)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough; what it said may still be read
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    return answer.decode("latin-1")


@pytest.mark.parametrize("body, status, code", [
    (b"", 400, "MissingAction"),
    (b"Version=2016-11-15", 400, "MissingAction"),
    (b"Action=&Version=2016-11-15", 400, "MissingAction"),
    (b"Action=DescribeFleets&Version=2016-11-15", 400, "InvalidAction"),
    (b"Action=describeimages&Version=2016-11-15", 400, "InvalidAction"),
    (b"Action=%E4%BD%A0&Version=2016-11-15", 400, "InvalidAction"),
    (b"Action=" + b"A" * 100_000 + b"&Version=2016-11-15", 400, "InvalidAction"),
    (b"Action=DescribeImages&Version=2016-11-15&Colour=red", 400, "UnknownParameter"),
    (b"Action=DescribeImages&Version=2016-11-15&Owner.x=self", 400, "UnknownParameter"),
    (b"Action=DescribeImages&Version=2016-11-15&MaxResults=ten", 400, "InvalidParameterValue"),
    (b"Action=DescribeImages&Version=2016-11-15&MaxResults=99999999999999999999", 400, "InvalidParameterValue"),
    (b"Action=DescribeImages&Version=2016-11-15&DryRun=perhaps", 400, "InvalidParameterValue"),
    (b"Action=DescribeImages&Version=2016-11-15&Owner.1=%ZZ", 400, "MalformedQueryString"),
    (b"Action=DescribeImages&Version=2016-11-15&Owner.1=%FF%FE", 400, "MalformedQueryString"),
    (b"\x00\x01\x02\xff", 400, None),
    (b"{\"Action\": \"DescribeImages\"}", 400, None),
    (b"Action=DescribeImages&Version=2016-11-15&" + b"&" * 5000, 200, None),
    (b"Action=DescribeImages&Version=2016-11-15&Owner." + b"1." * 10_000 + b"1=self", 400, "UnknownParameter"),
], ids=brief)
def test_a_malformed_ec2_query_is_refused_in_ec2_s_words(server, body, status, code):
    got, text = signed(server, body)
    assert got == status, text
    if status != 200:
        assert "<Errors><Error><Code>" in text and "<RequestID>" in text
    if code:
        assert f"<Code>{code}</Code>" in text


@pytest.mark.parametrize("target, body, code", [
    ("AWSOrganizationsV20161128.ListEverything", b"{}", "UnknownOperationException"),
    ("AWSOrganizationsV20161128.ListAccounts", b"{", "SerializationException"),
    ("AWSOrganizationsV20161128.ListAccounts", b"[]", "SerializationException"),
    ("AWSOrganizationsV20161128.ListAccounts", b"\xff\xfe", "SerializationException"),
    ("AWSOrganizationsV20161128.ListAccounts", b'{"MaxResults": "many"}', "SerializationException"),
    ("AWSOrganizationsV20161128.ListAccounts", b"[" * 100_000, "SerializationException"),
    ("ListAccounts", b"{}", "UnknownOperationException"), ("", b"{}", "UnknownOperationException"),
], ids=brief)
def test_a_malformed_json_request_is_refused_in_organizations_words(server, target, body, code):
    status, text = signed(server, body, service="organizations", headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target})
    assert status == 400 and json.loads(text)["__type"] == code


def test_ec2_takes_get_requests_and_nothing_that_is_not_signed(server):
    query = "Action=DescribeRegions&Version=2016-11-15"
    status, text = signed(server, b"", method="GET", query=query)
    assert status == 200 and "<regionName>us-east-1</regionName>" in text
    # The query of a POST counts as well, and as everywhere the first of two.
    assert signed(server, b"", query=query)[0] == 200
    assert "DescribeRegionsResponse" in signed(server, b"Action=DescribeImages&Version=2016-11-15", query=query)[1]
    for method, body in (("GET", b""), ("POST", query.encode())):
        status, text = send(server, method, f"/?{query}", body)
        assert status == 400 and "<Code>MissingParameter</Code>" in text and "AWSAccessKeyId" in text


def test_sts_takes_get_requests_ignores_what_it_does_not_know_and_reads_numbers_as_aws_does(simulate):
    simulation = simulate("--world", DEMO)
    query = "Action=GetCallerIdentity&Version=2011-06-15"
    assert signed(simulation, b"", service="sts", method="GET", query=query)[0] == 200
    assert signed(simulation, (query + "&Colour=red").encode(), service="sts")[0] == 200
    assert json.loads(simulation.control("calls"))["unsupported"] == {"sts:GetCallerIdentity:Colour": 1}
    role = "arn%3Aaws%3Aiam%3A%3A604218839517%3Arole%2FOrganizationAccountAccessRole"
    assume = f"Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=abc&DurationSeconds="
    for text, status in (("%2B900", 200), ("0900", 200), ("nine", 400), ("99999999999999999999", 400), ("899", 400)):
        got, answer = signed(simulation, (assume + text).encode(), service="sts")
        assert got == status, answer
        assert ("<Code>MalformedInput</Code>" in answer) == (text in ("nine", "99999999999999999999"))
    # Of a parameter that is given twice the first counts.
    twice = signed(simulation, (assume + "900&DurationSeconds=1").encode(), service="sts")
    assert twice[0] == 200
    unknown = signed(simulation, b"Action=Nothing&Version=2011-06-15", service="sts")
    assert unknown[0] == 400 and "AWSFault/2005-15-09" in unknown[1] and "<Code>InvalidAction</Code>" in unknown[1]


def test_a_request_from_another_time_is_refused(server):
    now = datetime.datetime.now(datetime.timezone.utc)
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    for minutes, words in ((-20, "Signature expired"), (20, "Signature not yet current")):
        status, text = signed(server, body, service="sts", at=now + datetime.timedelta(minutes=minutes))
        assert status == 403 and words in text
        status, text = signed(server, b"Action=DescribeRegions&Version=2016-11-15",
                              at=now + datetime.timedelta(minutes=minutes))
        assert status == 400 and "<Code>RequestExpired</Code>" in text
    for minutes in (-14, 14):
        assert signed(server, body, service="sts", at=now + datetime.timedelta(minutes=minutes))[0] == 200


def test_the_body_is_covered_by_the_signature(server):
    at = datetime.datetime.now(datetime.timezone.utc)
    honest = b"Action=GetCallerIdentity&Version=2011-06-15"
    captured = {}
    real = globals()["send"]
    try:
        globals()["send"] = lambda _s, method, path, body, headers: captured.update(headers=headers) or (0, "")
        signed(server, honest, service="sts", at=at)
    finally:
        globals()["send"] = real
    assert send(server, "POST", "/", honest, captured["headers"])[0] == 200
    status, text = send(server, "POST", "/", honest + b"&X=1", dict(captured["headers"]))
    assert status == 403 and "SignatureDoesNotMatch" in text
    stripped = {n: v for n, v in captured["headers"].items() if n != "Authorization"}
    status, text = send(server, "POST", "/", honest, stripped)
    assert status == 403 and "MissingAuthenticationToken" in text
    for header in ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c", "Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256 " * 99):
        status, text = send(server, "POST", "/", honest, dict(stripped, Authorization=header))
        assert status == 400 and ("IncompleteSignature" in text or "UnknownService" in text), text


@pytest.mark.parametrize("request_bytes, status", [
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 413),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999999999\r\n\r\n", 413),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "414 or closed"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "431 or closed"),
    (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/7.0\r\nHost: x\r\n\r\n", 505), (b"nonsense\r\n\r\n", "400 or closed"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    (b"BREW /coffee HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    (b"GET /_simulator/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    (b"DELETE /_simulator/world HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
], ids=brief)
def test_what_is_hardly_http_is_refused(server, request_bytes, status):
    # The HTTP library may close upon a client that is still sending, and then its answer may be lost on the way.
    answer = raw(server, request_bytes)
    if answer or "closed" not in str(status):
        assert answer.split(" ")[1:2] == [str(status)[:3]], answer[:300] or "nothing at all"


def test_a_body_that_is_too_large_is_refused_however_it_comes(server):
    status, text = signed(server, b"Action=DescribeImages&Version=2016-11-15&Owner.1=" + b"a" * (1 << 20))
    assert status == 413 and "at most" in text
    with pytest.raises(botocore.parsers.ResponseParserError, match="a body has at most 1048576 bytes here"):
        server.client("ec2").describe_images(Owners=["a" * (1 << 21)])
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    answer = raw(server, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 413")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"advance": 5}', b'{"advance": "soon"}', b'{"advance": "-5m"}',
                                  b'{"advance": "1m", "also": 1}', b"\xff"])
def test_the_clock_moves_only_when_it_is_told_how_far(server, body):
    before = json.loads(server.control("clock"))["now"]
    status, text = send(server, "POST", "/_simulator/clock", body)
    assert status == 400 and "advance" in json.loads(text)["error"] or "expected" in text
    assert json.loads(server.control("clock"))["now"][:15] == before[:15]


def test_an_unknown_service_is_named_as_such(server):
    for service, call in (("sqs", "list_queues"), ("route53", "list_hosted_zones"), ("s3", "list_buckets")):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            getattr(server.client(service), call)()
        assert f"{service} is none of cloudtrail, ec2, iam, organizations, sts" in str(error.value)
    refused("AuthFailure", server.client("ec2", credentials={"AccessKeyId": "x" * 4000, "SecretAccessKey": "y"})
            .describe_regions)
