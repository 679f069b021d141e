// The error classes. Messages are PyTorch's sentences; the hint says what to
// do about it. Pure: knows nothing of tensors.

/** Shows the hint below the message wherever the error is printed. */
function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\n  hint: ${hint}`;
}

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
  readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
    showHint(this, "RuntimeError", hint);
  }
}

/** An index or a dimension out of range, with PyTorch's sentence. */
export class IndexError extends Error {
  /** Name of the class, as shown when the error is printed. */
  override name = "IndexError";
  /** What to do about it, if there is something to say. */
  readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
    showHint(this, "IndexError", hint);
  }
}

/** An argument of the right type with an impossible value. */
export class ValueError extends Error {
  /** Name of the class, as shown when the error is printed. */
  override name = "ValueError";
  /** What to do about it, if there is something to say. */
  readonly hint: string | undefined;

  /** Makes an error from PyTorch's sentence and, if it helps, a hint. */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
    showHint(this, "ValueError", hint);
  }
}

/** Puts the hint under the first line of the stack, which is what gets printed. */
function showHint(error: Error, name: string, hint: string | undefined): void {
  if (hint === undefined || error.stack === undefined) return;
  const head = `${name}: ${withHint(error.message, hint)}`;
  const start = error.stack.indexOf("\n    at ");
  error.stack = head + (start < 0 ? "" : error.stack.slice(start));
}
