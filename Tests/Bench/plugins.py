"""Plugins: the kit beside raw C, the sandbox beside reeve's own process, in one run of each."""

import json
import pathlib
import shutil
import subprocess

import measure

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 1_000
KIT, SANDBOX, SWEEP = 3, 4, 1.15
READY_MILLISECONDS, NOTICED_MILLISECONDS = 10, 5

# The same check, written with the kit and in C.
IN_SWIFT, IN_C = "plugins/PublicSnapshot", "examples/PublicSnapshotInC"

WORLD = """\
version: 1
seed: 1000
regions: [eu-west-1, eu-central-1, us-east-1, us-east-2]
organization: { management: "100000000001" }
generate: { accounts: 60, imagesPerScope: 10, publicShare: 0.002, foreignShare: 0.002, tagShare: 0.99 }
defaults: { imageBlockPublicAccess: block-new-sharing, snapshotBlockPublicAccess: block-new-sharing }
"""


def compare(reeve, folder, report):
    build = pathlib.Path(reeve).parent
    resources = folder / "snapshots.json"
    resources.write_text(json.dumps({"version": 1, "resources": [snapshot(number) for number in range(BATCH)]}))
    raw = figures(reeve, folder, build / IN_C, resources)
    kit = figures(reeve, folder, build / IN_SWIFT, resources)
    for name, taken in (("C", raw), ("Swift kit", kit)):
        print(f"  {name:<10} {taken['inlineNanosecondsAResource']:6.0f} ns a resource inline, "
              f"{taken['sandboxNanosecondsAResource']:6.0f} ns in a sandbox, ready after {taken['readyMilliseconds']:.1f} ms")
    ratio(report, f"Swift kit : raw C, batch of {BATCH}", kit["inlineNanosecondsAResource"],
          raw["inlineNanosecondsAResource"], KIT)
    ratio(report, "sandboxed : inline, Swift kit", kit["sandboxNanosecondsAResource"],
          kit["inlineNanosecondsAResource"], SANDBOX)
    ratio(report, "sandboxed : inline, raw C", raw["sandboxNanosecondsAResource"],
          raw["inlineNanosecondsAResource"], SANDBOX)
    falls(reeve, folder, report)
    sweeps(reeve, folder, report)


def ratio(report, what, one, other, bound):
    report.check(what, f"{one / other:.2f} ×", f"≤ {bound} ×", one / other <= bound)


def snapshot(number):
    """180 bytes of attributes and five tags."""
    identity = f"snap-{number:017x}"
    return {
        "type": "ec2:snapshot", "id": identity, "arn": f"arn:aws:ec2:eu-west-1::snapshot/{identity}",
        "account": "111122223333", "region": "eu-west-1",
        "tags": [{"Key": key, "Value": f"value of {key}"} for key in ("Owner", "Purpose", "Team", "Stage", "Name")],
        "attributes": {
            "SnapshotId": identity, "OwnerId": "111122223333", "VolumeSize": 8, "Encrypted": False,
            "BackingImages": [f"ami-{number:017x}"],
            "CreateVolumePermissions": [{"Group": "all"}] if number % 10 == 0 else [],
        },
    }


def figures(reeve, folder, plugin, resources, *options, quiet=False):
    done = subprocess.run(
        [reeve, "plugin", "measure", str(plugin), "--resources", str(resources), *options], cwd=folder,
        env=measure.clean_environment(), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None, check=True, timeout=600)
    return json.loads(done.stdout)


def falls(reeve, folder, report):
    """A plugin that crashes whenever it is called: how long a new process takes, and how soon the end of one is known."""
    zoo = folder / "zoo"
    shutil.rmtree(zoo, ignore_errors=True)
    zoo.mkdir()
    tests = ROOT / "Tests/PluginHostTests/Zoo"
    subprocess.run(["cc", "-std=gnu11", "-O2", "-shared", "-fPIC", "-I", str(ROOT / "Sources/CReevePlugin/include"),
                    "-o", str(zoo / "zoo.so"), str(tests / "zoo.c")], check=True)
    check = {"title": "Public", "severity": "low", "resourceTypes": ["ec2:image"], "attributes": ["Public"]}
    (zoo / "plugin.json").write_text(json.dumps({
        "id": "org.example.zoo", "version": "1.0.0", "abi": 1, "summary": "One of every kind.", "library": "zoo.so",
        "kinds": ["discovery", "check", "tagger", "remediator"],
        "checks": [{"id": name, **check} for name in ("zoo.public", "zoo.second", "zoo.snapshot")],
        "resourceTypes": ["zoo:thing"], "attributes": {"zoo:thing": []}, "reads": {"ec2:image": ["Tags"]},
        "remediates": ["zoo.public"], "operations": ["ec2:DescribeImages"],
        "configuration": {"type": "object", "properties": {"mode": {"type": "string"}}}}))
    image = {"type": "ec2:image", "id": "ami-bad", "arn": "arn:aws:ec2:eu-west-1::image/ami-bad",
             "account": "111122223333", "region": "eu-west-1", "tags": [], "attributes": {"Public": False}}
    good = [{**image, "id": f"ami-{number}", "arn": f"arn:aws:ec2:eu-west-1::image/ami-{number}"}
            for number in range(200)]
    resources = folder / "images.json"
    resources.write_text(json.dumps({"version": 1, "resources": good + [image]}))
    taken = figures(reeve, folder, zoo, resources, "--only", "sandbox", "--rounds", "40", "--configuration",
                    json.dumps({"mode": "crime-told-only-0-crash"}), quiet=True)
    print(f"  a crash is noticed after {taken['noticedMilliseconds']:.2f} ms, the next process is ready after "
          f"{taken['readyMilliseconds']:.2f} ms")
    report.check("host process ready", f"{taken['readyMilliseconds']:.1f} ms", f"≤ {READY_MILLISECONDS} ms",
                 taken["readyMilliseconds"] <= READY_MILLISECONDS)
    report.check("crash noticed", f"{taken['noticedMilliseconds']:.1f} ms", f"≤ {NOTICED_MILLISECONDS} ms",
                 taken["noticedMilliseconds"] <= NOTICED_MILLISECONDS)


def sweeps(reeve, folder, report, rounds=5):
    """The same sweep, every shipped plugin inline and every one sandboxed, by turns."""
    walls, work = {"inline": [], "sandbox": []}, {"inline": [], "sandbox": []}
    with measure.simulate(reeve, folder, WORLD) as simulation:
        for _ in range(rounds):
            for isolation, taken in walls.items():
                done, _ = measure.sweep(reeve, folder, simulation,
                                        configuration=f"plugins:\n  isolation: {isolation}\n")
                taken.append(done.wall)
                work[isolation].append(done.cpu)
    inline, sandbox = (measure.Sample(walls[isolation]) for isolation in ("inline", "sandbox"))
    print(f"  sweep of 240 scopes: inline {inline.text('s')}, every plugin sandboxed {sandbox.text('s')}")
    # Not a bound: on a busy machine the walls say little, and this says what there was to do, host processes included.
    inline_work, sandbox_work = (min(work[isolation]) for isolation in ("inline", "sandbox"))
    print(f"  of that processor time, at best: inline {inline_work:.3f} s, every plugin sandboxed {sandbox_work:.3f} s")
    ratio(report, "sweep, all sandboxed : all inline", sandbox.median, inline.median, SWEEP)
