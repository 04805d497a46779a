"""Writes the golden signatures that SignatureV4Tests reads: requests as botocore signs them, in headers and in the query.

usage: signature_vectors.py FILE

The inputs come from a seeded generator, so two runs write the same bytes.
"""

import json
import pathlib
import random
import sys

import botocore.auth
import botocore.awsrequest
import botocore.credentials

CHARACTERS = "abcXYZ019-_.~ !*'();:@&=+$,/?%#[]\u00e9\u65e5"


def cases(seed, count):
    generator = random.Random(seed)

    def word(most):
        return "".join(generator.choice(CHARACTERS) for _ in range(generator.randint(1, most)))

    for number in range(count):
        presigned = number % 4 == 3
        method = "GET" if presigned else generator.choice(["GET", "POST"])
        service = generator.choice(["ec2", "sts", "organizations", "cloudtrail"])
        region = generator.choice(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
        parameters = {word(8): word(20) for _ in range(generator.randint(0, 5))} if method == "GET" else {}
        headers = {"X-Amz-Target": f"Service.{number}", "X-Spaced": "  a   b "} if generator.random() < 0.5 else {}
        yield {
            "service": service, "region": region, "method": method,
            "host": f"{service}.{region}.amazonaws.com" + generator.choice(["", ":8443"]),
            "parameters": parameters, "body": "" if method == "GET" else word(120),
            "date": f"20{generator.randint(15, 39)}{generator.randint(1, 12):02}{generator.randint(1, 28):02}T"
                    f"{generator.randint(0, 23):02}{generator.randint(0, 59):02}{generator.randint(0, 59):02}Z",
            "token": word(80).replace(" ", "") if generator.random() < 0.5 else None,
            "headers": {} if presigned else headers, "key": f"AKIA{number:016d}", "secret": word(40),
            "expires": generator.randint(1, 604_800) if presigned else None,
        }


def signed(case):
    """The case with what botocore sends: the query before signing, and the header or the query it makes of it."""
    credentials = botocore.credentials.Credentials(case["key"], case["secret"], case["token"])
    url = f"https://{case['host']}/"
    request = botocore.awsrequest.AWSRequest(
        method=case["method"], url=url, params=case["parameters"], data=case["body"].encode(),
        headers=dict(case["headers"]))
    request.context["timestamp"] = case["date"]
    case["query"] = request.prepare().url.partition("?")[2]
    if case["expires"]:
        auth = botocore.auth.SigV4QueryAuth(credentials, case["service"], case["region"], case["expires"])
    else:
        auth = botocore.auth.SigV4Auth(credentials, case["service"], case["region"])
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    auth._inject_signature_to_request(request, auth.signature(auth.string_to_sign(request, canonical), request))
    if case["expires"]:
        case["signature"] = request.url.rpartition("X-Amz-Signature=")[2]
    else:
        case["authorization"] = request.headers["Authorization"]
    del case["parameters"]
    return {name: value for name, value in case.items() if value is not None}


def main(path):
    text = json.dumps([signed(case) for case in cases(20261123, 40)], indent=1, sort_keys=True)
    pathlib.Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


main(sys.argv[1])
