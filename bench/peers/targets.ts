// What each row of the comparison is to reach, and whether it did. The numbers
// are those of the project's plan; whatever has none of its own is to be faster
// than every other JavaScript library.

import type { Endurance, Result } from "./measure.ts";

/** A program that takes part. */
export interface Peer {
  readonly name: string;
  /** Ours; PyTorch; another JavaScript library; or loops by hand, which are no library. */
  readonly kind: "own" | "torch" | "javascript" | "loops";
  readonly threads: number;
  readonly blas: boolean;
}

/** What a peer measured. */
export interface Measured extends Peer {
  readonly rows: Readonly<Record<string, Result>>;
  readonly endurance: Endurance | null;
  /** The words of the error, by row, where one failed. */
  readonly failures: Readonly<Record<string, string>>;
  /** Milliseconds of a program that prints a tensor, start and end included; null where not measured. */
  readonly hello: number | null;
}

/** One number that a row is to reach. */
export interface Verdict {
  /** What is compared, such as `"÷ PyTorch, 1 thread"`. */
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  /** Whether the value is to be at most the limit, or at least. */
  readonly atMost: boolean;
  readonly reached: boolean;
}

/** Computes verdicts of a row. */
type Judge = (row: string, peers: readonly Measured[]) => Verdict[];

/** Makes a verdict; none where a number is missing. */
export function verdict(
  what: string,
  value: number | undefined,
  limit: number,
  atMost = true,
): Verdict[] {
  if (value === undefined || Number.isNaN(value)) return [];
  const reached = atMost ? value <= limit : value >= limit;
  return [{ what, value, limit, atMost, reached }];
}

/** Fewest milliseconds of a row among peers that fit; undefined where none has it. */
export function fewest(
  row: string,
  peers: readonly Measured[],
  fits: (peer: Peer) => boolean,
): number | undefined {
  const times = peers.filter(fits).flatMap(({ rows }) =>
    rows[row] === undefined ? [] : [rows[row].milliseconds]
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

const own = (threads?: number) => (peer: Peer) =>
  peer.kind === "own" && !peer.blas &&
  (threads === undefined || peer.threads === threads);
const torch = (threads?: number) => (peer: Peer) =>
  peer.kind === "torch" &&
  (threads === undefined || peer.threads === threads);
const blas = (peer: Peer): boolean => peer.kind === "own" && peer.blas;
const javascript = (peer: Peer): boolean => peer.kind === "javascript";

/** A quotient; undefined where a number is missing. */
function over(a: number | undefined, b: number | undefined) {
  return a === undefined || b === undefined ? undefined : a / b;
}

/** dinograd's best time by the best of PyTorch, without BLAS. */
export function byTorch(
  row: string,
  peers: readonly Measured[],
): number | undefined {
  return over(fewest(row, peers, own()), fewest(row, peers, torch()));
}

/** dinograd's time by PyTorch's, with as many threads each. */
export function byTorchOn(
  threads: number,
  row: string,
  peers: readonly Measured[],
): number | undefined {
  return over(
    fewest(row, peers, own(threads)),
    fewest(row, peers, torch(threads)),
  );
}

/** dinograd's best time by the best of the other JavaScript libraries. */
export function byJavaScript(
  row: string,
  peers: readonly Measured[],
): number | undefined {
  return over(fewest(row, peers, own()), fewest(row, peers, javascript));
}

/** At most so many times PyTorch's time, with as many threads each. */
function sameThreads(most: number): Judge {
  return (row, peers) =>
    [1, 2].flatMap((n) =>
      verdict(
        `÷ PyTorch, ${n} thread${n > 1 ? "s" : ""}`,
        byTorchOn(n, row, peers),
        most,
      )
    );
}

/** At most so many times PyTorch's best time. */
function best(most: number): Judge {
  return (row, peers) => verdict("÷ PyTorch", byTorch(row, peers), most);
}

/** At most so many times PyTorch's time, where products go through a BLAS. */
function withBlas(most: number): Judge {
  return (row, peers) =>
    verdict(
      "with BLAS ÷ PyTorch",
      over(fewest(row, peers, blas), fewest(row, peers, torch())),
      most,
    );
}

/** At most so many times the best time of the other JavaScript libraries. */
function peersBy(most: number): Judge {
  return (row, peers) =>
    verdict("÷ JavaScript", byJavaScript(row, peers), most);
}

/** At least so many billions of operations a second, by one and by two threads. */
function speed(operations: number, one: number, two: number): Judge {
  return (row, peers) =>
    [one, two].flatMap((least, k) => {
      const time = fewest(row, peers, own(k + 1));
      return verdict(
        `GFLOP/s, ${k + 1} thread${k > 0 ? "s" : ""}`,
        time === undefined ? undefined : operations / time / 1e6,
        least,
        false,
      );
    });
}

/** At most so many times the time of another row. */
function likeRow(other: string, most: number): Judge {
  return (row, peers) =>
    verdict(
      `÷ ${other}`,
      over(fewest(row, peers, own()), fewest(other, peers, own())),
      most,
    );
}

/** At most so many microseconds. */
function microseconds(most: number): Judge {
  return (row, peers) => {
    const time = fewest(row, peers, own());
    return verdict("µs", time === undefined ? undefined : time * 1e3, most);
  };
}

const JUDGES: Record<string, readonly Judge[]> = {
  "(x+2)²·2, mean, backward, 3 elements": [microseconds(3)],
  "polynomial fit, 2000 steps": [best(0.5)],
  "a*b+c, 1e6": [sameThreads(1)],
  "exp, 1e6": [sameThreads(1.5)],
  "tanh, 1e6": [sameThreads(1.5)],
  "sigmoid, 1e6": [sameThreads(1.5)],
  "sum(), 1000×1000": [sameThreads(1.25)],
  "sum(0), 1000×1000": [sameThreads(1.25)],
  "sum(1), 1000×1000": [sameThreads(1.25)],
  "softmax(1), 1000×1000": [sameThreads(1.25)],
  "MLP training step": [best(2), withBlas(1)],
  "conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]": [best(3), peersBy(0.2)],
  "conv2d, forward and backward": [best(3), peersBy(0.2)],
};
for (const n of [512, 1024, 2048]) {
  const base = `matmul ${n}`;
  JUDGES[base] = [speed(2 * n ** 3, 45, 85), withBlas(1 / 0.95)];
  for (const side of ["left", "right", "both"]) {
    JUDGES[`${base}, ${side} transposed`] = [likeRow(base, 1.1)];
  }
}

/** What a row reached of what it is to reach. */
export function judge(row: string, peers: readonly Measured[]): Verdict[] {
  const own = JUDGES[row] ?? [];
  const out = own.flatMap((each) => each(row, peers));
  // Faster than every peer is a target of every row.
  const said = out.some(({ what }) => what === "÷ JavaScript");
  return said ? out : [...out, ...peersBy(1)(row, peers)];
}

/** The same for many training steps whose results nobody disposes of. */
export function judgeEndurance({ growth, first, last }: Endurance): Verdict[] {
  return [
    ...verdict("MB of growth", growth, 150),
    ...verdict("last ÷ first steps", last / first, 1.1),
  ];
}

/** The same for the start of a program. */
export function judgeStart(hello: number, bare: number): Verdict[] {
  return verdict("ms above bare Deno", hello - bare, 60);
}
