"""Runs last: whatever `reeve simulate` has was answered to boto3 somewhere in this session, in the model's shape."""

import json
import pathlib

import pytest

import shapes


def test_no_operation_was_left_out(request, simulate):
    modules = {pathlib.Path(item.path).name for item in request.session.items}
    everything = {path.name for path in pathlib.Path(__file__).parent.glob("test_*.py")}
    if modules != everything:
        pytest.skip("only some of the modules ran")
    has = json.loads(simulate().control("health"))["operations"]
    assert len(shapes.ANSWERED) == has, f"{len(shapes.ANSWERED)} of {has}: {sorted(shapes.ANSWERED)}"
