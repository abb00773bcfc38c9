"""A short campaign for every commit; `make campaign` plays longer ones."""

from __future__ import annotations

from tests.campaign import plan
from tests.campaign.__main__ import main

#: Of this seed one episode has a night, and the other a whole day.
SEED = 11


def test_traders_that_follow_the_contract_are_told_the_truth(tmp_path, capsys):
    code = main(["--seed", str(SEED), "--episodes", "2", "--jobs", "2", "--keep", str(tmp_path)])
    assert code == 0, capsys.readouterr().out


def test_a_seed_has_one_plan():
    assert plan.draw(SEED, 3) == plan.draw(SEED, 3)
    assert plan.draw(SEED, 3) != plan.draw(SEED, 4)
    nights = [any(fault.night or fault.late for fault in plan.draw(SEED, number).faults) for number in range(2)]
    assert sorted(nights) == [False, True]
