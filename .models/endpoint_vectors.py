"""Writes the golden endpoints that EndpointTests reads, by the endpoint rule sets that botocore carries.

usage: endpoint_vectors.py FILE

Organizations answers in one region of a partition. Of other regions the rule set composes dual-stack hosts (and, in
China, FIPS hosts) that nobody publishes, so these stand here for the one region only.
"""

import json
import pathlib
import sys

import botocore.endpoint_provider
import botocore.loaders

REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-5", "cn-north-1", "cn-northwest-1", "us-gov-east-1",
           "us-gov-west-1"]
ORGANIZATIONS = ["us-east-1", "cn-northwest-1", "us-gov-west-1"]


def main(path):
    loader = botocore.loaders.create_loader()
    partitions = loader.load_data("partitions")
    rows = []
    for service in ["cloudtrail", "ec2", "organizations", "sts"]:
        rules = loader.load_service_model(service, "endpoint-rule-set-1")
        provider = botocore.endpoint_provider.EndpointProvider(rules, partitions)
        for region in REGIONS:
            for fips in (False, True):
                for dual in (False, True):
                    if service == "organizations" and region not in ORGANIZATIONS:
                        if dual or (fips and region.startswith("cn-")):
                            continue
                    extra = {"UseGlobalEndpoint": False} if service == "sts" else {}
                    found = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual, **extra)
                    schemes = found.properties.get("authSchemes") or [{}]
                    rows.append({
                        "service": service, "region": region, "fips": fips, "dualStack": dual,
                        "host": found.url.removeprefix("https://"),
                        "signingRegion": schemes[0].get("signingRegion", region)})
    pathlib.Path(path).write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")


main(sys.argv[1])
