"""(c) requests signed by botocore and by reeve for the same inputs are equal, over a generated corpus."""

import json
import random
import subprocess

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.utils

from conftest import ORIGINAL_ENVIRONMENT, ROOT


def corpus(seed, count):
    generator = random.Random(seed)
    characters = "abcXYZ019-_.~ !*'();:@&=+$,/?%#[]\u00e9\u65e5"
    word = lambda most: "".join(generator.choice(characters) for _ in range(generator.randint(1, most)))
    for number in range(count):
        service = generator.choice(["ec2", "sts", "organizations", "cloudtrail"])
        region = generator.choice(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
        method = generator.choice(["GET", "POST"])
        host = f"{service}.{region}.amazonaws.com" + generator.choice(["", ":8443"])
        parameters = {word(8): word(20) for _ in range(generator.randint(0, 6))} if method == "GET" else {}
        body = "" if method == "GET" else word(200)
        date = f"20{generator.randint(15, 39)}{generator.randint(1, 12):02}{generator.randint(1, 28):02}T" \
               f"{generator.randint(0, 23):02}{generator.randint(0, 59):02}{generator.randint(0, 59):02}Z"
        token = word(300).replace(" ", "") if generator.random() < 0.5 else None
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                   "X-Amz-Target": f"Service.{number}"} if generator.random() < 0.5 else {}
        yield dict(service=service, region=region, method=method, host=host, parameters=parameters, body=body,
                   date=date, token=token, headers=headers, key=f"AKIA{number:016d}", secret=word(40))


def sign(case):
    """What a client of botocore sends: the query in its final form, and the Authorization header."""
    auth = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(case["key"], case["secret"], case["token"]), case["service"], case["region"])
    # As botocore.awsrequest.prepare_request_dict does it: the query is in the URL, blanks as %20, before it is signed.
    query = botocore.utils.percent_encode_sequence(case["parameters"])
    request = botocore.awsrequest.AWSRequest(
        method=case["method"], url=f"https://{case['host']}/" + (f"?{query}" if query else ""),
        data=case["body"].encode(), headers=dict(case["headers"]))
    request.context["timestamp"] = case["date"]
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    auth._inject_signature_to_request(request, auth.signature(auth.string_to_sign(request, canonical), request))
    assert request.prepare().url.partition("?")[2] == query
    return dict(case, query=query, authorization=request.headers["Authorization"])


def test_reeve_signs_as_botocore_does(tmp_path):
    path = tmp_path / "signatures.json"
    path.write_text(json.dumps([sign(case) for case in corpus(20261123, 400)]))
    done = subprocess.run(
        [ORIGINAL_ENVIRONMENT.get("SWIFT", "swift"), "test", "--skip-build", "--filter", "SignatureCorpus"], cwd=ROOT, capture_output=True, text=True,
        env=dict(ORIGINAL_ENVIRONMENT, REEVE_SIGNATURE_CORPUS=str(path)), timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "400 signatures compared" in done.stdout
