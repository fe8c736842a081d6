"""Questions about still pictures are asked together, and get the replies that they get one by one."""

from contextlib import closing
from pathlib import Path

import torch

from actions.mouse import Click
from agent.policy import ModelPolicy
from agent.record import read_episode
from agent.terminal import Terminal
from devices.still import Still
from model import profile
from model.engines.local import load
from model.engines.local.engine import LocalEngine
from model.weights import find_tokenizer
from tasks.composition import Composition
from tasks.grounding.prefetch import Prefetching
from tasks.harness.bench import Bench, open_suite
from tasks.harness.results import Job
from tasks.options import SuiteRunOptions
from tests.model import tiny
from tests.tasks.grounding import made

PROFILE = profile.load("embedded")
QUESTIONS = [f"Click on the {colour} box." for colour in ("red", "blue", "green")]


def local_engine() -> LocalEngine:
    """The model in the box in float32: in bfloat16 a near tie may fall otherwise in a batch."""
    tokenizer = find_tokenizer(PROFILE.weights)
    assert tokenizer is not None
    model = load.load(load.require_folder(PROFILE.weights, PROFILE), PROFILE, torch.device("cpu"), torch.float32)
    return LocalEngine(model, tokenizer, PROFILE)


def test_what_was_prefetched_is_not_computed_again_and_anything_else_is() -> None:
    engine = local_engine()
    prefetching = Prefetching(engine)
    with Still(tiny.picture(1, 6, 8).image) as screen:
        policy = ModelPolicy(PROFILE, prefetching, screen.action_space, pointing=True)
        alone = [policy.act(said, [], screen.observe()).text for said in QUESTIONS]
        prefetching.prefetch(policy, [policy.prompt(said, [], screen.observe()) for said in QUESTIONS])
        computed = engine.model.tokens_computed
        together = [policy.act(said, [], screen.observe()) for said in QUESTIONS]
        assert engine.model.tokens_computed == computed
        assert [turn.text for turn in together] == alone
        assert all(isinstance(turn.action, Click) for turn in together), "a point, whatever else it would have said"
        assert policy.act(QUESTIONS[0], [], screen.observe()).text == alone[0]
        assert engine.model.tokens_computed > computed


def test_a_suite_is_asked_so_and_points_every_time(tmp_path: Path) -> None:
    data = made.screenspot(tmp_path / "data")
    options = SuiteRunOptions(suite="screenspot", data_root=data, model="embedded", force=True, point_only=True)
    composition = Composition(options, Terminal())
    with open_suite(composition) as suite, closing(Prefetching(local_engine())) as engine:
        bench = Bench(composition, suite, engine, tmp_path / "run", None, lambda step: None)
        results = list(bench.run_all([Job(task.id) for task in suite]))
        assert engine.taken == len(results) == 6
    turns = [read_episode(tmp_path / "run" / result.job.place).steps[0].turn for result in results]
    assert all(isinstance(turn.action, Click) for turn in turns)
