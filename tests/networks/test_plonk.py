"""The reference is the network as the paper's repository describes it, written with torch's own layers."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import ArtifactError
from engine.networks.plonk import FREQUENCIES, PlonkShape, parse_checkpoint, plonk_shapes, sample, schedule, velocity
from engine.networks.state_dict import random_state

SMALL = PlonkShape(condition=24, depth=3, width=32, expansion=4)


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Dropout(0.0), nn.Linear(4 * dim, dim))
        self.ada_map = nn.Sequential(nn.SiLU(), nn.Linear(dim, 3 * dim))
        self.ln = nn.LayerNorm(dim, elementwise_affine=False)

    def forward(self, x, y):
        gamma, mu, sigma = self.ada_map(y).chunk(3, dim=-1)
        return x + self.mlp((1 + gamma) * self.ln(x) + mu) * sigma


class Waves(nn.Module):
    def __init__(self, channels):
        super().__init__()
        steps = 2 * torch.arange(channels // 2, dtype=torch.float32) / channels
        self.register_buffer("freqs", (1 / 10000) ** steps)

    def forward(self, x):
        x = torch.outer(x, self.freqs)
        return torch.cat([x.cos(), x.sin()], dim=1)


class TimeEmbedder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.encode_time = Waves(dim)
        self.map_time = nn.Sequential(nn.Linear(dim, 4 * dim), nn.SiLU(), nn.Linear(4 * dim, 4 * dim))

    def forward(self, t):
        time = self.encode_time(t * 1000)
        return self.map_time((time - time.mean(-1, keepdim=True)) / time.std(-1, keepdim=True))


class Reference(nn.Module):
    def __init__(self, of):
        super().__init__()
        self.time_embedder = TimeEmbedder(of.width // 4)
        self.cond_mapper = nn.Linear(of.condition, of.width)
        self.initial_mapper = nn.Linear(3, of.width)
        self.blocks = nn.ModuleList([Block(of.width) for _ in range(of.depth)])
        self.final_adaln = nn.Sequential(nn.SiLU(), nn.Linear(of.width, 2 * of.width))
        self.final_ln = nn.LayerNorm(of.width, elementwise_affine=False)
        self.final_linear = nn.Linear(of.width, 3)

    def forward(self, points, gamma, condition):
        x = self.initial_mapper(points)
        given = self.cond_mapper(condition) + self.time_embedder(gamma)
        for block in self.blocks:
            x = block(x, given)
        gain, shift = self.final_adaln(given).chunk(2, dim=-1)
        return self.final_linear((1 + gain) * self.final_ln(x) + shift)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return Reference(SMALL).eval()


def test_the_velocity_is_that_of_the_reference(network):
    state = parse_checkpoint(network.state_dict(), "model.safetensors", SMALL)
    points, condition = torch.randn(7, 3), torch.randn(1, 24)
    for gamma in (1e-9, 0.3, 1.0):
        with torch.no_grad():
            expected = network(points, torch.full((7,), gamma), condition.expand(7, -1))
            torch.testing.assert_close(velocity(state, points, gamma, condition), expected, atol=1e-5, rtol=1e-4)


def test_the_published_size():
    count = sum(torch.Size(shape).numel() for shape in plonk_shapes().values())
    assert count == pytest.approx(36e6, rel=0.05)


def test_the_schedule_goes_from_noise_to_data():
    gamma = schedule(np.linspace(1, 0, 33))
    assert gamma[0] == pytest.approx(0, abs=1e-8)
    assert gamma[-1] == 1
    assert (np.diff(gamma) > 0).all()
    by_hand = 1 / (1 + np.exp(-np.array([3.0, -2.0, -7.0])))
    assert schedule(np.array([0.5]))[0] == pytest.approx((by_hand[0] - by_hand[1]) / (by_hand[0] - by_hand[2]))


def test_a_velocity_towards_a_place_ends_there():
    state = {key: torch.zeros_like(value) for key, value in random_state(plonk_shapes(SMALL)).items()}
    state["final_linear.bias"] = torch.tensor([0.0, 50.0, 0.0])
    points = sample(state, np.zeros(24, np.float32), 20)
    np.testing.assert_allclose(points, np.tile([0, 1, 0], (20, 1)), atol=0.05)


def test_samples_lie_on_the_sphere_and_repeat():
    state = random_state(plonk_shapes(SMALL), 2)
    condition = np.random.default_rng(0).normal(size=24).astype(np.float32)
    points = sample(state, condition, 50, steps=8)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(points, sample(state, condition, 50, steps=8))
    assert not np.allclose(points, sample(state, condition, 50, steps=8, guidance=2.0))


def test_the_sampler_is_euler_with_projection(network):
    state = parse_checkpoint(network.state_dict(), "model.safetensors", SMALL)
    condition = np.random.default_rng(1).normal(size=24).astype(np.float32)
    draw = torch.Generator().manual_seed(4)
    points = nn.functional.normalize(torch.randn((6, 3), generator=draw), dim=-1)
    given = torch.from_numpy(condition)[None].expand(6, -1)
    times = schedule(1 - np.arange(9) / 8)
    with torch.no_grad():
        for now, later in pairwise(times):
            flow = network(points, torch.full((6,), float(now)), given)
            points = nn.functional.normalize(points + float(later - now) * flow, dim=-1)
    np.testing.assert_allclose(sample(state, condition, 6, steps=8, seed=4), points.numpy(), atol=1e-4)


def test_another_architecture_is_refused(network):
    state = dict(network.state_dict())
    with pytest.raises(ArtifactError, match=r"time_embedder\.map_time\.0\.weight has the shape"):
        parse_checkpoint(state, "model.safetensors")
    state[FREQUENCIES] = state[FREQUENCIES] * 2
    with pytest.raises(ArtifactError, match="another embedding of time"):
        parse_checkpoint(state, "model.safetensors", SMALL)
