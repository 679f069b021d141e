// Writing Python's pickles, protocol 2: containers, numbers and text, and what
// the caller knows how to write. Knows nothing of tensors.

import { shown } from "../tensor/arguments.ts";

/** Containers may be this deep; deeper ones most likely contain themselves. */
const MOST_DEPTH = 500;

/** Collects bytes. */
export class PickleWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  readonly #special: (value: object, out: PickleWriter) => boolean;

  /** `special` writes the objects that it knows and tells whether it did. */
  constructor(special: (value: object, out: PickleWriter) => boolean) {
    this.#special = special;
  }

  /** Writes a whole pickle and returns it. */
  write(value: unknown): Uint8Array<ArrayBuffer> {
    this.op(0x80, 2); // PROTO
    this.value(value, 0);
    this.op(0x2e); // STOP
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes an operation with its bytes. */
  op(...bytes: number[]): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Names a function or a class. */
  global(module: string, name: string): void {
    this.op(0x63);
    this.#append(new TextEncoder().encode(`${module}\n${name}\n`));
  }

  /** Writes a tuple. */
  tuple(values: readonly unknown[], depth = 0): void {
    this.op(0x28); // MARK
    for (const value of values) this.value(value, depth + 1);
    this.op(0x74); // TUPLE
  }

  /** Writes any value. */
  value(value: unknown, depth = 0): void {
    if (depth > MOST_DEPTH) {
      throw new TypeError("what is to be saved contains itself");
    }
    switch (typeof value) {
      case "boolean":
        return this.op(value ? 0x88 : 0x89);
      case "number":
        return this.#number(value);
      case "bigint":
        return this.#integer(value);
      case "string":
        return this.#text(value);
      case "object":
        if (value === null) return this.op(0x4e);
        if (this.#special(value, this)) return;
        return this.#container(value, depth);
      default:
        refuse(value);
    }
  }

  #container(value: object, depth: number): void {
    if (Array.isArray(value)) {
      this.op(0x5d, 0x28); // EMPTY_LIST MARK
      for (const item of value) this.value(item, depth + 1);
      return this.op(0x65); // APPENDS
    }
    const prototype = Object.getPrototypeOf(value);
    const plain = prototype === Object.prototype || prototype === null;
    if (!plain && !(value instanceof Map)) refuse(value);
    this.op(0x7d, 0x28); // EMPTY_DICT MARK
    const entries = value instanceof Map ? value : Object.entries(value);
    const optimizer = isOptimizerState(value);
    for (const [key, item] of entries) {
      if (typeof key !== "string" && !Number.isSafeInteger(key)) refuse(key);
      this.value(key, depth + 1);
      this.value(
        optimizer && key === "state" ? numbered(item) : item,
        depth + 1,
      );
    }
    this.op(0x75); // SETITEMS
  }

  /** An integer is Python's int; -0 and fractions are floats. */
  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      return this.#integer(BigInt(value));
    }
    const bytes = new Uint8Array(9);
    bytes[0] = 0x47; // BINFLOAT
    new DataView(bytes.buffer).setFloat64(1, value);
    this.#append(bytes);
  }

  #integer(value: bigint): void {
    const bytes: number[] = [];
    // The last byte has the sign.
    for (let rest = value;; rest >>= 8n) {
      bytes.push(Number(rest & 255n));
      if (rest >= -128n && rest < 128n) break;
    }
    if (value >= 0n && value < 256n) this.op(0x4b, Number(value)); // BININT1
    else if (bytes.length > 255) refuse(value);
    else this.op(0x8a, bytes.length, ...bytes); // LONG1
  }

  #text(value: string): void {
    const text = new TextEncoder().encode(value);
    const head = new Uint8Array(5);
    head[0] = 0x58; // BINUNICODE
    new DataView(head.buffer).setUint32(1, text.length, true);
    this.#append(head);
    this.#append(text);
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #room(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Whether an object is the state dict of an optimizer, as PyTorch lays it out. */
function isOptimizerState(value: object): boolean {
  return "state" in value && "param_groups" in value;
}

/** The state by parameter, whose numbers are integers in Python. */
function numbered(state: unknown): unknown {
  if (typeof state !== "object" || state === null) return state;
  const entries = Object.entries(state);
  if (!entries.every(([key]) => /^\d+$/.test(key))) return state;
  return new Map(entries.map(([key, kept]) => [Number(key), kept]));
}

function refuse(value: unknown): never {
  const what = typeof value === "object" && value !== null
    ? `an object of class ${value.constructor?.name ?? "unknown"}`
    : shown(value);
  if (typeof value === "object" && value !== null && "stateDict" in value) {
    throw new TypeError(`cannot save ${what}; save its stateDict()`);
  }
  throw new TypeError(
    `cannot save ${what}; files of PyTorch hold tensors, numbers, text, booleans, null, arrays, plain objects and maps`,
  );
}
