// A reader of Python's pickles that can only build containers: dictionaries,
// lists, sets, numbers, text. Pickles are programs; whatever one asks for by
// name comes from a host that knows what is harmless, and nothing else is ever
// called. Knows nothing of tensors.

import { malformed } from "./byte_source.ts";
import { setEntry } from "./named_tensors.ts";

/** Something that a pickle named and that may be called. */
export class Global {
  /** Its name in Python. */
  readonly name: string;
  /** What calling it gives; null where it only stands for itself. */
  readonly call: ((args: readonly unknown[]) => unknown) | null;

  /** Makes a value that a pickle may hold. */
  constructor(name: string, call: Global["call"] = null) {
    this.name = name;
    this.call = call;
  }
}

/** What a pickle may ask for. */
export interface PickleHost {
  /** What messages call the file. */
  readonly name: string;
  /** Something by its name in Python; undefined where that is not allowed. */
  global(name: string): unknown;
  /** An object that is stored outside of the pickle. */
  persistent(id: unknown): unknown;
  /** Takes bytes from what may be allocated; fails where too many were taken. */
  spend(bytes: number): void;
}

/** A dictionary: an object without a class of its own. */
export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Roughly what values take in memory, so that many small ones count. */
const COST = { slot: 8, memo: 40, number: 16, container: 64 } as const;

const PUSHED: ReadonlyMap<number, null | boolean> = new Map([
  [0x4e, null], // N
  [0x88, true],
  [0x89, false],
]);

/** Reads one pickle. */
export class PickleReader {
  readonly #host: PickleHost;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  /** Takes the bytes of the pickle. */
  constructor(bytes: Uint8Array, host: PickleHost) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#host = host;
  }

  /** Runs the pickle up to its end and returns what it built. */
  read(): unknown {
    for (;;) {
      const op = this.#byte();
      if (op === 0x2e) return this.#pop(); // STOP
      this.#step(op);
    }
  }

  #step(op: number): void {
    const constant = PUSHED.get(op);
    if (constant !== undefined) return this.#push(constant);
    switch (op) {
      case 0x80: // PROTO
        return this.#protocol(this.#byte());
      case 0x95: // FRAME
        return this.#skip(8);
      case 0x4b: // BININT1
        return this.#push(this.#byte());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#skipped(2), true));
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#skipped(4), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#byte()));
      case 0x47: // BINFLOAT
        return this.#number(this.#view.getFloat64(this.#skipped(8)));
      case 0x58: // BINUNICODE
        return this.#text(this.#uint32());
      case 0x8c: // SHORT_BINUNICODE
        return this.#text(this.#byte());
      case 0x55: // SHORT_BINSTRING
        return this.#text(this.#byte());
      case 0x42: // BINBYTES
        return this.#binary(this.#uint32());
      case 0x43: // SHORT_BINBYTES
        return this.#binary(this.#byte());
      case 0x71: // BINPUT
        return this.#put(this.#byte());
      case 0x72: // LONG_BINPUT
        return this.#put(this.#uint32());
      case 0x94: // MEMOIZE
        return this.#put(this.#memo.size);
      case 0x68: // BINGET
        return this.#get(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#get(this.#uint32());
      default:
        return this.#build(op);
    }
  }

  #build(op: number): void {
    switch (op) {
      case 0x28: // MARK
        this.#host.spend(COST.slot);
        this.#marks.push(this.#stack.length);
        return;
      case 0x7d: // EMPTY_DICT
        return this.#container({});
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#container([]);
      case 0x8f: // EMPTY_SET
        return this.#container(new Set());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#container(this.#take(op - 0x84));
      case 0x74: // TUPLE
      case 0x6c: // LIST
        return this.#container(this.#takeMarked());
      case 0x61: // APPEND
        return this.#append(this.#take(1));
      case 0x65: // APPENDS
        return this.#append(this.#takeMarked());
      case 0x90: // ADDITEMS
        return this.#add(this.#takeMarked());
      case 0x73: // SETITEM
        return this.#setItems(this.#take(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#takeMarked());
      case 0x63: // GLOBAL
        return this.#global(`${this.#line()}.${this.#line()}`);
      case 0x93: // STACK_GLOBAL
        return this.#global(this.#take(2).join("."));
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        return this.#reduce();
      case 0x62: // BUILD
        return this.#setState();
      case 0x51: // BINPERSID
        return this.#push(this.#host.persistent(this.#pop()));
      default:
        throw this.#error(
          `Unsupported operand ${op} in the pickle`,
          "only tensors and containers of them can be loaded",
        );
    }
  }

  #error(message: string, hint?: string): Error {
    return malformed(this.#host, message, hint);
  }

  #protocol(version: number): void {
    if (version < 2 || version > 5) {
      throw this.#error(`unsupported pickle protocol: ${version}`);
    }
  }

  /** Goes on by some bytes and returns where they began. */
  #skipped(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw this.#error("the pickle ends too early");
    }
    this.#at = at + count;
    return at;
  }

  #skip(count: number): void {
    this.#skipped(count);
  }

  #byte(): number {
    return this.#bytes[this.#skipped(1)]!;
  }

  #uint32(): number {
    return this.#view.getUint32(this.#skipped(4), true);
  }

  /** Text up to the end of the line. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#error("the pickle ends too early");
    const at = this.#skipped(end + 1 - this.#at);
    this.#host.spend(2 * (end - at));
    return new TextDecoder().decode(this.#bytes.subarray(at, end));
  }

  /** An integer of `count` bytes, as a number where that is exact. */
  #long(count: number): number | bigint {
    const at = this.#skipped(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    }
    value = BigInt.asIntN(8 * count, value);
    this.#host.spend(COST.number + count);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  #number(value: number): void {
    this.#host.spend(COST.number);
    this.#push(value);
  }

  #text(length: number): void {
    const at = this.#skipped(length);
    this.#host.spend(COST.number + 2 * length);
    const bytes = this.#bytes.subarray(at, at + length);
    this.#push(new TextDecoder().decode(bytes));
  }

  #binary(length: number): void {
    const at = this.#skipped(length);
    this.#host.spend(COST.container + length);
    this.#push(this.#bytes.slice(at, at + length));
  }

  #push(value: unknown): void {
    this.#host.spend(COST.slot);
    this.#stack.push(value);
  }

  #container(value: object): void {
    this.#host.spend(COST.container);
    this.#push(value);
  }

  #pop(): unknown {
    return this.#take(1)[0];
  }

  /** The uppermost values, in the order in which they were pushed. */
  #take(count: number): unknown[] {
    const least = this.#marks.at(-1) ?? 0;
    if (this.#stack.length - count < least) {
      throw this.#error("the pickle takes a value where there is none");
    }
    return this.#stack.splice(this.#stack.length - count);
  }

  #takeMarked(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) {
      throw this.#error("the pickle takes a value where there is none");
    }
    return this.#stack.splice(mark);
  }

  /** The uppermost value, which stays. */
  #top(): unknown {
    const [top] = this.#take(1);
    this.#stack.push(top);
    return top;
  }

  #put(index: number): void {
    if (!this.#memo.has(index)) this.#host.spend(COST.memo);
    this.#memo.set(index, this.#top());
  }

  #get(index: number): void {
    if (!this.#memo.has(index)) {
      throw this.#error("the pickle refers to what is not there");
    }
    this.#push(this.#memo.get(index));
  }

  #append(values: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) {
      throw this.#error("the pickle appends to what is no list");
    }
    this.#host.spend(COST.slot * values.length);
    for (const value of values) list.push(value);
  }

  #add(values: readonly unknown[]): void {
    const set = this.#top();
    if (!(set instanceof Set)) {
      throw this.#error("the pickle adds to what is no set");
    }
    this.#host.spend(COST.memo * values.length);
    for (const value of values) set.add(value);
  }

  #setItems(values: readonly unknown[]): void {
    const dict = this.#top();
    if (!isDict(dict) || values.length % 2 !== 0) {
      throw this.#error("the pickle sets an entry of what is no dict");
    }
    for (let i = 0; i < values.length; i += 2) {
      this.#setItem(dict, values[i], values[i + 1]);
    }
  }

  #setItem(dict: Record<string, unknown>, key: unknown, value: unknown): void {
    if (typeof key !== "string" && !Number.isSafeInteger(key)) {
      throw this.#error(
        "a key of a dict is neither text nor an integer",
        "such a dict has no counterpart here; convert its keys with str() before torch.save",
      );
    }
    const name = String(key);
    // 1 and "1" are two keys in Python and one here.
    if (Object.hasOwn(dict, name)) {
      throw this.#error(`a dict has the key ${JSON.stringify(name)} twice`);
    }
    this.#host.spend(COST.container);
    setEntry(dict, name, value);
  }

  #global(name: string): void {
    const found = this.#host.global(name);
    if (found === undefined) {
      throw this.#error(
        `Weights only load failed. Unsupported global: GLOBAL ${
          name.slice(0, 200)
        } was not an allowed global`,
        "only tensors and containers of them can be loaded; in Python, save model.state_dict() instead of the model",
      );
    }
    this.#push(found);
  }

  #reduce(): void {
    const [callee, args] = this.#take(2);
    if (!(callee instanceof Global) || callee.call === null) {
      throw this.#error("the pickle calls what cannot be called");
    }
    if (!Array.isArray(args)) {
      throw this.#error(`the pickle calls ${callee.name} without arguments`);
    }
    this.#container(callee.call(args) as object);
  }

  /** What an OrderedDict carries besides its entries, such as the versions of modules, is left out. */
  #setState(): void {
    const [target, state] = this.#take(2);
    if (!isDict(target) || !isDict(state)) {
      throw this.#error("the pickle sets the state of what is no OrderedDict");
    }
    this.#push(target);
  }
}
