// Modules that hold a list: what Sequential, ModuleList and ParameterList
// share. The items are properties "0", "1", …, so that `list[0]` works and the
// module finds them as it finds all fields.

import { IndexError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** A module that holds a list of modules or parameters. */
export abstract class IndexedModule<T> extends Module {
  /** The item of an index; {@linkcode IndexedModule.at} also counts from the end, and checks. */
  [index: number]: T;
  private _length = 0;

  /** Number of items. */
  get length(): number {
    return this._length;
  }

  /** The item of an index, negative from the end; throws an IndexError outside. */
  at(index: number): T {
    return this[this._place(index)]!;
  }

  /** Replaces the item of an index, negative from the end. */
  set(index: number, item: T): void {
    this[this._place(index)] = this.accept(item);
  }

  /** Adds an item at the end. See `ModuleList.append`. */
  append(item: T): this {
    this[this._length++] = this.accept(item);
    return this;
  }

  /** Adds items at the end. See `ModuleList.extend`. */
  extend(items: Iterable<T>): this {
    for (const item of [...items]) this.append(item);
    return this;
  }

  /** Puts an item before that of an index, negative from the end. See `ModuleList.insert`. */
  insert(index: number, item: T): this {
    const length = this._length;
    if (!Number.isInteger(index) || index < -length || index > length) {
      throw new IndexError(`index ${index} is out of range`);
    }
    const accepted = this.accept(item);
    const place = index < 0 ? index + length : index;
    for (let i = length; i > place; i--) this[i] = this[i - 1]!;
    this[place] = accepted;
    this._length++;
    return this;
  }

  /** Takes out the item of an index, by default the last, and returns it. See `ModuleList.pop`. */
  pop(index = -1): T {
    const place = this._place(index);
    const item = this[place]!;
    for (let i = place; i + 1 < this._length; i++) this[i] = this[i + 1]!;
    delete this[--this._length];
    return item;
  }

  /** The items, in their order. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this._length; i++) yield this[i]!;
  }

  /** Puts something in a field; a number is an index, the next one that of a new item. */
  override setMember(field: string, value: Tensor | Module | null): void {
    if (value === null || !/^(0|[1-9]\d*)$/.test(field)) {
      return super.setMember(field, value);
    }
    const index = Number(field);
    if (index === this._length) this.append(value as T);
    else this.set(index, value as T);
  }

  /** Checks an item that is added. */
  protected abstract accept(item: T): T;

  /** The place of an index; fails outside. */
  private _place(index: number): number {
    const place = index < 0 ? index + this._length : index;
    if (!Number.isInteger(place) || place < 0 || place >= this._length) {
      throw new IndexError(`index ${index} is out of range`);
    }
    return place;
  }
}
