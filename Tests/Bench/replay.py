"""Replays in process: thirty virtual days of one scenario, and how many small organizations a swarm plays in a minute."""

import pathlib

import measure

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "Scenarios" / "accidental-quick-share.yaml"


def replay(reeve, folder, report):
    """What starting costs (plugins, code) is in both runs and falls out of their difference."""
    each = min(per_item(reeve, folder, ["scenario", "run", str(SCENARIO)], 5, 55) for _ in range(3))
    report.check("replay of the accidental quick share, a sweep a day over 30 days", f"{each * 1000:.1f} ms", "<= 10 ms",
                 each <= 0.010)
    organization = min(per_item(reeve, folder, ["scenario", "swarm", "--twice-every", "0"], 20, 320) for _ in range(3))
    report.check("small organizations that a swarm plays in a minute on one core", f"{60 / organization:,.0f}",
                 ">= 2,000", 60 / organization >= 2_000)


def per_item(reeve, folder, words, few, many):
    """Seconds of processor time for each further seed."""
    times = []
    for count in (few, many):
        run = measure.run([reeve, *words, "--seeds", f"1..{count}"], folder, measure.clean_environment(), {0}, 300)
        times.append(run.cpu)
    return (times[1] - times[0]) / (many - few)
