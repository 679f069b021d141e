// The error classes. Messages are PyTorch's sentences; the hint says what to
// do about it. Pure: knows nothing of tensors.

import { showByStack } from "./inspect.ts";

/**
 * An error raised by an operation on tensors, with PyTorch's sentence.
 *
 * `message` is PyTorch's sentence alone; `hint` says what to do; printing the
 * error shows both.
 */
export class RuntimeError extends Error {
  /** Name of the class, as shown when the error is printed. */
  override name = "RuntimeError";
  /** What to do about it, if there is something to say. */
  declare readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    addHint(this, new.target.name, hint);
  }
}

/**
 * A matrix that an algorithm of linear algebra does not take: singular, or not
 * positive definite. See `torch.linalg.LinAlgError`.
 *
 * `message` is PyTorch's sentence alone; `hint` says what to do; printing the
 * error shows both.
 */
export class LinAlgError extends RuntimeError {
  /** Name of the class, as shown when the error is printed. */
  override name = "LinAlgError";
}

/**
 * An index or a dimension out of range, with PyTorch's sentence.
 *
 * `message` is PyTorch's sentence alone; `hint` says what to do; printing the
 * error shows both.
 */
export class IndexError extends Error {
  /** Name of the class, as shown when the error is printed. */
  override name = "IndexError";
  /** What to do about it, if there is something to say. */
  declare readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    addHint(this, new.target.name, hint);
  }
}

/**
 * An argument of the right type with an impossible value.
 *
 * `message` is PyTorch's sentence alone; `hint` says what to do; printing the
 * error shows both.
 */
export class ValueError extends Error {
  /** Name of the class, as shown when the error is printed. */
  override name = "ValueError";
  /** What to do about it, if there is something to say. */
  declare readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    addHint(this, new.target.name, hint);
  }
}

/**
 * Gives an error its hint, and sees to it that the hint is printed once
 * wherever the error is: the stack has it under the message. Deno prints an
 * error that nobody caught from its message and its frames, and of all else
 * only from its cause, so the hint is that as well.
 */
function addHint(error: Error, name: string, hint: string | undefined): void {
  // Not enumerable: what prints an error would show the hint a second time.
  Object.defineProperty(error, "hint", { value: hint });
  if (hint === undefined || error.stack === undefined) return;
  const start = error.stack.indexOf("\n    at ");
  const trace = start < 0 ? "" : error.stack.slice(start);
  error.stack = `${name}: ${error.message}\n  hint: ${hint}${trace}`;
  const cause = new Error(hint);
  cause.name = cause.stack = "hint";
  Object.defineProperty(error, "cause", { value: cause, configurable: true });
  showByStack(error);
}
