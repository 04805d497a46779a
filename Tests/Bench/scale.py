"""All checks over 1,000 accounts × 17 regions × 10 images, and what a tenth of it takes."""

import collections

import measure

MANAGEMENT = "100000000001"
REGIONS = [
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
]
IMAGES = 10
SMALL, LARGE = 100, 1_000
PEAK_MEGABYTES, TIME_GROWTH, MEMORY_GROWTH = 200, 1.25, 1.20

# What all checks together ask of one account's region.
CALLS_A_SCOPE = {
    "DescribeImages": 1, "DescribeImageAttribute": IMAGES, "DescribeSnapshots": 1, "DescribeSnapshotAttribute": IMAGES,
    "GetImageBlockPublicAccessState": 1, "GetSnapshotBlockPublicAccessState": 1,
}


def world(accounts):
    return f"""\
version: 1
seed: 1000
regions: [{", ".join(REGIONS)}]
organization: {{ management: "{MANAGEMENT}" }}
generate: {{ accounts: {accounts}, imagesPerScope: {IMAGES}, publicShare: 0.002, foreignShare: 0.002, tagShare: 0.99 }}
defaults: {{ imageBlockPublicAccess: block-new-sharing, snapshotBlockPublicAccess: block-new-sharing }}
"""


def grow(reeve, folder, report):
    small = [once(reeve, folder, SMALL, report)]
    large = [once(reeve, folder, LARGE, report)]
    # Again on the other side of the long one: the machine changes meanwhile.
    small += [once(reeve, folder, SMALL, report) for _ in range(2)]
    report.check(f"peak memory, {LARGE} accounts", f"{large[0].peak_megabytes:.0f} MB", f"< {PEAK_MEGABYTES} MB",
                 large[0].peak_megabytes < PEAK_MEGABYTES)
    wall = growth(small, large, lambda taken: taken.wall, LARGE / SMALL)
    cpu = growth(small, large, lambda taken: taken.cpu, LARGE / SMALL)
    report.check(f"wall time a scope, {SMALL} → {LARGE} accounts", f"× {wall:.2f} (processor time × {cpu:.2f})",
                 f"≤ × {TIME_GROWTH}", wall <= TIME_GROWTH)
    memory = growth(small, large, lambda taken: taken.peak_megabytes, 1)
    report.check(f"peak memory, {SMALL} → {LARGE} accounts", f"{(memory - 1) * 100:+.0f} %",
                 f"≤ +{(MEMORY_GROWTH - 1) * 100:.0f} %", memory <= MEMORY_GROWTH)


def growth(small, large, figure, scale):
    return (measure.Sample([figure(taken) for taken in large]).median
            / measure.Sample([figure(taken) for taken in small]).median / scale)


def once(reeve, folder, accounts, report):
    with measure.simulate(reeve, folder, world(accounts)) as simulation:
        taken, answer = measure.sweep(reeve, folder, simulation)
        counts = simulation.calls()
    wrong = unexpected_calls(counts, accounts)
    report.check(f"calls of a full sweep, {accounts} accounts", "; ".join(wrong[:3]) or "exactly as many a scope",
                 "in proportion", not wrong, once=True)
    scopes = (accounts + 1) * len(REGIONS)
    scanned = sum(entry["verdict"] == "scanned" for entry in answer["coverage"])
    report.check(f"scopes scanned, {accounts} accounts", f"{scanned}", f"{scopes}", scanned == scopes, once=True)
    total = sum(counts.values())
    print(f"  {accounts:5} accounts, {scopes} scopes, {total} calls, {answer['totals']['open']} findings: "
          f"{taken.wall:.1f} s ({taken.wall / scopes * 1e3:.2f} ms a scope, {total / taken.wall:.0f} calls/s), "
          f"processor {taken.cpu:.1f} s ({taken.cpu / total * 1e6:.0f} µs a call), "
          f"peak {taken.peak_megabytes:.0f} MB, waited for budgets {answer['sweep']['throttledSeconds']:.1f} s")
    return taken


def unexpected_calls(counts, accounts):
    """Member accounts only: the management account has no images, and the organization is listed by pages."""
    by_scope = collections.defaultdict(dict)
    others = collections.Counter()
    for (service, operation, account, region), count in counts.items():
        if service == "ec2" and operation != "DescribeRegions" and account != MANAGEMENT:
            by_scope[account, region][operation] = count
        elif account != MANAGEMENT or operation == "AssumeRole":
            others[f"{service}:{operation}"] += count
    wrong = [f"{' '.join(scope)}: {sorted(calls.items())}" for scope, calls in sorted(by_scope.items())
             if calls != CALLS_A_SCOPE]
    if len(by_scope) != accounts * len(REGIONS):
        wrong.append(f"{len(by_scope)} scopes of member accounts were called")
    if others != {"ec2:DescribeRegions": accounts, "sts:AssumeRole": accounts}:
        wrong.append(f"beside the scopes: {dict(others)}")
    return wrong
