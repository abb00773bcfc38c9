"""A short campaign for every commit; `make campaign` plays longer ones."""

from __future__ import annotations

from tests.campaign import plan
from tests.campaign.__main__ import main

#: Of this seed one episode has nights and protobuf, the other a whole day and text.
SEED = 8


def test_traders_that_follow_the_contract_are_told_the_truth(tmp_path, capsys):
    code = main(["--seed", str(SEED), "--episodes", "2", "--jobs", "2", "--keep", str(tmp_path)])
    assert code == 0, capsys.readouterr().out


def test_a_seed_has_one_plan():
    assert plan.draw(SEED, 3) == plan.draw(SEED, 3)
    assert plan.draw(SEED, 3) != plan.draw(SEED, 4)
    assert sorted(plan.draw(SEED, number).has_nights for number in range(2)) == [False, True]
