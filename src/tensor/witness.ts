// What devices tell of their work while somebody wants to know: nothing is
// attached, and nothing costs, as long as nobody does. See explain.ts.

import type { Strided } from "./device.ts";
import type { DType } from "./dtype.ts";

/** One call of a device. */
export interface Account {
  /** The method of the device. */
  readonly method: string;
  /** What was computed, where it was an expression; else null. */
  readonly kernel: object | null;
  /** Shapes of the operands, the result first. */
  readonly shapes: readonly (readonly number[])[];
  /** Element type of the result. */
  readonly dtype: DType;
  /** The device. */
  readonly device: string;
  /** What of the device did it. */
  readonly path: string;
  /** Why that and not something faster; empty where there is nothing faster. */
  readonly why: string;
  /** Milliseconds that the call took on the host. */
  readonly time: number;
}

/** Begins to tell of each call and returns what ends that. */
export type Witness = (tell: (account: Account) => void) => () => void;

/** The witnesses, one for each device that is loaded. */
export const WITNESSES: Set<Witness> = new Set();

/** Measures what a device computes, which may be after its calls returned. */
export interface Clock {
  /** Begins to measure; tells whether the device can. */
  start(): boolean;
  /** How many pieces of work were begun since. */
  readonly count: number;
  /** Ends that; returns the milliseconds of each piece, in order. */
  stop(): readonly number[];
}

/** The clocks of devices that work after their calls returned. */
export const CLOCKS: Set<Clock> = new Set();

/** How a call was done: what a device knows when it is over. */
export type How = Pick<Account, "device" | "path" | "why">;

/** Looks before a call; what it returns looks after it. */
export type Observer = () => (
  method: string,
  operands: readonly Strided[],
) => How;

/** The methods of an object, by name. */
type Methods = Record<string, (...given: unknown[]) => unknown>;

/** How deep in calls of devices the program is: only the outermost is told. */
let depth = 0;

/**
 * Puts itself in front of all methods of a class but the named ones, and returns
 * what puts back those that were there.
 */
export function observe(
  prototype: object,
  silent: ReadonlySet<string>,
  observer: Observer,
  tell: (account: Account) => void,
): () => void {
  const by: Methods = {};
  for (const method of Object.getOwnPropertyNames(prototype)) {
    if (silent.has(method)) continue;
    const original = (prototype as Methods)[method]!;
    by[method] = function (this: unknown, ...given: unknown[]): unknown {
      if (depth > 0) return original.apply(this, given);
      depth++;
      try {
        const look = observer();
        const begin = performance.now();
        const result = original.apply(this, given);
        const time = performance.now() - begin;
        const operands = operandsOf(given);
        const [first] = operands;
        if (first !== undefined) {
          tell({
            method,
            kernel: kernelOf(given),
            shapes: operands.map(({ shape }) => shape),
            dtype: first.info.name,
            time,
            ...look(method, operands),
          });
        }
        return result;
      } finally {
        depth--;
      }
    };
  }
  return replaceMethods(prototype, by);
}

/** Puts other methods in place and returns what puts back those that were there. */
export function replaceMethods(
  on: object,
  by: Record<string, (...given: never[]) => unknown>,
): () => void {
  const methods = on as Methods;
  const before: Methods = {};
  for (const [name, method] of Object.entries(by)) {
    before[name] = methods[name]!;
    methods[name] = method as (...given: unknown[]) => unknown;
  }
  return () => {
    for (const [name, method] of Object.entries(before)) {
      methods[name] = method;
    }
  };
}

/** The operands of a call, the result first. */
function operandsOf(given: readonly unknown[]): Strided[] {
  const out: Strided[] = [];
  for (const each of given) {
    if (Array.isArray(each)) out.push(...operandsOf(each));
    else if (typeof each === "object" && each !== null && "storage" in each) {
      out.push(each as Strided);
    }
  }
  return out;
}

/** What of a call is an expression. */
function kernelOf(given: readonly unknown[]): object | null {
  const [first] = given;
  return typeof first === "object" && first !== null && "id" in first
    ? first
    : null;
}
