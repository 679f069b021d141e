// Values that only a node knows come back with the node's saved values, without
// a garbage collection, and no sooner.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { liveBytes, reclaims } from "../../src/cpu/reclaim.ts";
import { CpuStorage } from "../../src/cpu/storage.ts";
import type { Node } from "../../src/grad/node.ts";
import { DISPOSED } from "../../src/tensor/disposal.ts";
import type { Storage } from "../../src/tensor/device.ts";

const { nn } = dg;
const F = nn.functional;

interface Case {
  readonly shape: number[];
  /** Bytes that nobody sees. */
  readonly bytes: number;
  readonly op: (x: dg.Tensor) => dg.Tensor;
}

const LAYERS = {
  lstm: new nn.LSTM(40, 64),
  gru: new nn.GRU(40, 64),
};
const SEQUENCE = [20, 16, 40];
const STEPS = 4 * 20 * 16 * 64;

const CASES: Record<string, Case> = {
  dropout: {
    shape: [100, 100],
    bytes: 40_000,
    op: (x) => F.dropout(x, { p: 0.5, training: true }),
  },
  alphaDropout: {
    shape: [100, 100],
    bytes: 40_000,
    op: (x) => F.alphaDropout(x, { p: 0.5, training: true }),
  },
  maxPool1d: {
    shape: [4, 5, 1000],
    bytes: 80_000,
    op: (x) => dg.maxPool1d(x, 2),
  },
  maxPool2d: {
    shape: [4, 10, 40, 40],
    bytes: 128_000,
    op: (x) => dg.maxPool2d(x, 2),
  },
  adaptiveMaxPool2d: {
    shape: [4, 10, 40, 40],
    bytes: 128_000,
    op: (x) => F.adaptiveMaxPool2d(x, [20, 20]),
  },
  LSTM: {
    shape: SEQUENCE,
    bytes: 5 * STEPS,
    op: (x) => LAYERS.lstm.call(x)[0],
  },
  GRU: { shape: SEQUENCE, bytes: 4 * STEPS, op: (x) => LAYERS.gru.call(x)[0] },
};

/** What the nodes below a result own. */
function ownedBelow(y: dg.Tensor): Storage[] {
  const seen = new Set<Node>();
  const found: Storage[] = [];
  const waiting = [y.gradFn as Node];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    found.push(...node.owned ?? []);
    for (const next of node.edges) if (next !== null) waiting.push(next);
  }
  return found;
}

function bytesOf(owned: Storage[]): number {
  let sum = 0;
  for (const storage of owned) {
    assert(storage instanceof CpuStorage);
    sum += storage.length * storage.data.BYTES_PER_ELEMENT;
  }
  return sum;
}

for (const [name, { op, shape, bytes }] of Object.entries(CASES)) {
  const make = () => dg.rand(shape, { requiresGrad: true });

  Deno.test(`${name}: what only its node knows comes back after backward()`, () => {
    const y = op(make());
    const owned = ownedBelow(y);
    assertEquals(bytesOf(owned), bytes);
    y.sum().backward();
    for (const { device } of owned) assert(device === DISPOSED);
    assertEquals(y.isnan().sum().item(), 0);
  });

  Deno.test(`${name}: it comes back at once where nothing is recorded`, () => {
    if (!reclaims()) return;
    const x = make();
    const before = liveBytes();
    op(x);
    const recorded = liveBytes() - before;
    const start = liveBytes();
    dg.noGrad(() => op(x));
    assert(liveBytes() - start <= recorded - bytes);
  });

  Deno.test(`${name}: it stays for a graph that is used again`, () => {
    const x = make();
    const y = op(x).square().sum();
    const owned = ownedBelow(y);
    y.backward(null, { retainGraph: true });
    for (const { device } of owned) assert(device !== DISPOSED);
    const first = x.grad!.clone();
    x.grad = null;
    y.backward();
    assert(x.grad!.equal(first));
    for (const { device } of owned) assert(device === DISPOSED);
  });

  Deno.test(`${name}: it stays where the gradient is differentiated again`, () => {
    const x = make();
    const z = op(x).square().sum();
    const owned = ownedBelow(z);
    const [g] = dg.autograd.grad(z, x, { createGraph: true });
    const [h] = dg.autograd.grad(g!.sum(), x, { retainGraph: true });
    const [again] = dg.autograd.grad(g!.sum(), x);
    assert(h!.equal(again!));
    for (const { device } of owned) assert(device !== DISPOSED);
  });
}
