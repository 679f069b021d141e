"""Makes data.json: the orders in which PyTorch's samplers and loaders give
samples for a seed, and the number that the generator gives afterwards.

Run: python3 tests/goldens/make_data_goldens.py
"""

import json
import os

import torch
from torch.utils.data import (
    BatchSampler, DataLoader, RandomSampler, SubsetRandomSampler,
    WeightedRandomSampler, random_split,
)

HERE = os.path.dirname(os.path.abspath(__file__))
cases = []


def case(kind, args, run, own):
    """Runs with the default generator, or with one of its own."""
    torch.manual_seed(7)
    generator = torch.Generator().manual_seed(11) if own else None
    order = run(generator)
    after = int(torch.randint(1 << 20, (1,), generator=generator)[0])
    default = int(torch.randint(1 << 20, (1,))[0])
    cases.append({
        "kind": kind, "args": args, "own": own, "order": order,
        "after": after, "default": default,
    })


def loader(n, epochs, **options):
    def run(generator):
        data = DataLoader(list(range(n)), generator=generator, **options)
        return [batch.tolist() for _ in range(epochs) for batch in data]

    return run


def split(n, lengths):
    def run(generator):
        options = {} if generator is None else {"generator": generator}
        return [list(part) for part in random_split(range(n), lengths, **options)]

    return run


for own in (False, True):
    for n, size, shuffle, drop in [
        (10, 3, True, False), (10, 3, True, True), (10, 3, False, False),
        (1, 1, True, False), (700, 64, True, False), (5, 8, True, False),
    ]:
        options = {"batch_size": size, "shuffle": shuffle, "drop_last": drop}
        args = {"n": n, "batchSize": size, "shuffle": shuffle, "dropLast": drop}
        case("loader", args, loader(n, 2, **options), own)
    for n, replacement, count in [
        (10, False, None), (10, False, 25), (10, False, 20), (10, True, 5),
        (10, True, 70), (10, True, 64), (10, True, None),
    ]:
        def run(generator, n=n, replacement=replacement, count=count):
            return list(RandomSampler(range(n), replacement, count, generator))

        args = {"n": n, "replacement": replacement, "numSamples": count}
        case("random", args, run, own)
    case("subset", {"indices": [5, 3, 8, 1]},
         lambda g: list(SubsetRandomSampler([5, 3, 8, 1], g)), own)
    for replacement, count in [(True, 12), (False, 4)]:
        weights = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]
        args = {"weights": weights, "replacement": replacement, "count": count}
        case("weighted", args, lambda g, r=replacement, c=count: list(
            WeightedRandomSampler(weights, c, r, g)), own)
    case("batch", {"n": 7, "batchSize": 3},
         lambda g: list(BatchSampler(RandomSampler(range(7), generator=g), 3, False)),
         own)
    for n, lengths in [
        (10, [3, 7]), (10, [0.3, 0.7]), (11, [0.5, 0.25, 0.25]), (7, [0.5, 0.5]),
        (5, [1.0]), (150, [0.8, 0.1, 0.1]),
    ]:
        case("split", {"n": n, "lengths": lengths}, split(n, lengths), own)

with open(os.path.join(HERE, "data.json"), "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases}, file)
print(len(cases), "cases")
