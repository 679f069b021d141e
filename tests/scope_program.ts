// Random programs with views, changes in place, backward passes, scopes and
// disposes, run twice: as they are, and with neither scopes nor disposes. Both
// must give the same numbers, except where the first says that memory was
// disposed of; what fails so must have changed nothing.

import * as dg from "@dinograd/dinograd";
import { makeRandom, type Random } from "./cpu/operands.ts";

/** A step of a program; `a`, `b` and `to` number its variables. */
type Step =
  | { kind: "op"; name: string; a: number; b: number; to: number }
  | { kind: "dispose"; a: number; part: boolean }
  | { kind: "keep"; a: number }
  | {
    kind: "scope";
    call: boolean;
    kept: readonly number[];
    body: readonly Step[];
  };

/** What steps work on. */
interface State {
  readonly vars: dg.Tensor[];
  readonly leaves: dg.Tensor[];
  readonly optimizer: dg.optim.SGD;
}

/** A step with operands a and b; a result goes into a variable. */
type Action = (
  a: dg.Tensor,
  b: dg.Tensor,
  state: State,
) => dg.Tensor | void;

/** An optimizer that fails half-way has changed the first of its parameters: this fails before. */
function checkGrads(leaves: readonly dg.Tensor[]): void {
  for (const x of leaves) [x, x.grad].forEach((y) => y?.typedArray());
}

class Plus extends dg.autograd.Function {
  static forward(
    ctx: dg.autograd.FunctionContext,
    a: dg.Tensor,
    b: dg.Tensor,
  ) {
    ctx.extra = a.detach().mul(0.5);
    ctx.saveForBackward(a, b.mul(2));
    return a.mul(b);
  }
  static backward(ctx: dg.autograd.FunctionContext, g: dg.Tensor) {
    const [a, b] = ctx.savedTensors;
    const extra = ctx.extra as dg.Tensor;
    return [g.mul(b!).add(extra), g.mul(a!)];
  }
}

const ACTIONS: Readonly<Record<string, Action>> = {
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  sin: (a) => a.sin(),
  tanh: (a) => a.tanh(),
  number: (a) => a.mul(1.5).add(3),
  sum: (a) => a.sum(0, { keepdim: true }).expand(a.shape).mul(0.1),
  softmax: (a) => a.softmax(0),
  sort: (a) => a.sort(0).values,
  where: (a, b) => dg.where(a.gt(0), a, b),
  flip: (a) => a.flip(0),
  half: (a) => a.narrow(0, 0, a.shape[0]! / 2),
  view: (a) => a.view([2, -1]).t().reshape([-1]),
  whole: (a) => dg.cat([a, a]).narrow(0, 0, a.shape[0]!),
  detach: (a) => a.detach(),
  data: (a) => a.data,
  clone: (a) => a.clone(),
  custom: (a, b) => Plus.apply(a, b),
  add_: (a, b) => a.add_(b),
  mul_: (a) => a.mul_(0.75),
  sin_: (a) => void a.sin_(),
  zero_: (a) => void a.narrow(0, 0, 2).zero_(),
  copy_: (a, b) => void a.copy_(b),
  exchange: (a, b) => {
    if (a.viewInfo === null && a.shape[0] === b.shape[0]) a.data = b.mul(0.5);
  },
  backward: (a) => a.sum().backward(null, { retainGraph: true }),
  last: (a) => a.sum().backward(),
  second: (a) => a.sum().backward(null, { createGraph: true }),
  penalty: (_a, _b, { leaves }) => leaves[0]!.grad?.mul(leaves[0]!).sin(),
  gradient: (_a, _b, { leaves }) => leaves[1]!.grad ?? undefined,
  forget: (_a, _b, { optimizer }) => optimizer.zeroGrad(),
  zeros: (_a, _b, { optimizer, leaves }) => {
    checkGrads(leaves);
    optimizer.zeroGrad({ setToNone: false });
  },
  step: (_a, _b, { optimizer, leaves }) => {
    checkGrads(leaves);
    optimizer.step();
  },
  leaf: (_a, _b, { leaves }) => leaves[0]!.mul(1),
  other: (_a, _b, { leaves }) => leaves[1]!.view(leaves[1]!.shape),
  seed: (a) => dg.ones(a.shape, { dtype: a.dtype }).requiresGrad_(),
  assign: (a, b) => {
    if (a.isLeaf && a.shape[0] === b.shape[0]) a.grad = b.detach();
  },
};
const NAMES = Object.keys(ACTIONS);

const VARIABLES = 6;

function makeSteps(random: Random, count: number, depth: number): Step[] {
  return Array.from({ length: count }, (): Step => {
    const [a, b, to] = [0, 0, 0].map(() => random(VARIABLES)) as [
      number,
      number,
      number,
    ];
    const way = random(20);
    if (way === 0) return { kind: "dispose", a, part: random(4) === 0 };
    if (way === 1) return { kind: "keep", a };
    if (way < 5 && depth > 0) {
      return {
        kind: "scope",
        call: random(2) === 0,
        kept: Array.from({ length: random(5) }, () => random(VARIABLES)),
        body: makeSteps(random, 1 + random(8), depth - 1),
      };
    }
    return { kind: "op", name: NAMES[random(NAMES.length)]!, a, b, to };
  });
}

/** Whether an error says that memory was disposed of. */
function isDisposal(error: unknown): boolean {
  return error instanceof dg.RuntimeError &&
    error.message.includes("after its memory was disposed of");
}

/** What a step or a variable has to show: numbers, or the words of an error; null where disposed of. */
function observe(look: () => dg.TypedArray | string): string {
  try {
    const found = look();
    return typeof found === "string" ? found : show(found);
  } catch (error) {
    if (isDisposal(error)) return DISPOSED;
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const DISPOSED = "disposed";

function show(values: dg.TypedArray): string {
  return Array.from(values as Float32Array).join(" ");
}

/** Runs a program; `log` gets what each step shows, and `skipped` which it must leave out. */
class Machine {
  readonly log: string[] = [];
  readonly #managed: boolean;
  readonly #skipped: readonly string[] | null;
  readonly #state: State;

  constructor(n: number, skipped: readonly string[] | null) {
    this.#managed = skipped === null;
    this.#skipped = skipped;
    const make = (from: number) => dg.linspace(from, 1, n);
    const leaves = [make(-1).requiresGrad_(), make(0.5).requiresGrad_()];
    const vars = [leaves[0]!, leaves[1]!, make(2), make(-3), make(0), make(7)];
    const optimizer = new dg.optim.SGD(leaves, { lr: 0.1, momentum: 0.5 });
    this.#state = { vars, leaves, optimizer };
  }

  /** Runs steps, then looks at everything. */
  run(steps: readonly Step[]): string[] {
    this.#steps(steps);
    const { vars, leaves } = this.#state;
    for (const x of [...vars, ...leaves]) {
      this.log.push(observe(() => x.typedArray()));
      this.log.push(observe(() => x.grad?.typedArray() ?? "none"));
    }
    return this.log;
  }

  #steps(steps: readonly Step[]): void {
    for (const step of steps) this.#step(step);
  }

  #step(step: Step): void {
    const { vars } = this.#state;
    if (step.kind === "op") return this.#op(step);
    if (step.kind === "scope") return this.#scope(step);
    if (!this.#managed) return;
    const x = vars[step.a]!;
    if (step.kind === "keep") dg.keep(x);
    else (step.part ? x.detach() : x).dispose();
  }

  #op({ name, a, b, to }: Step & { kind: "op" }): void {
    const { vars } = this.#state;
    const { log } = this;
    // What cannot be done with disposed memory is not done with the other either.
    if (this.#skipped !== null && this.#skipped[log.length] === DISPOSED) {
      log.push(DISPOSED);
      return;
    }
    log.push(observe(() => {
      const result = ACTIONS[name]!(vars[a]!, vars[b]!, this.#state);
      if (result === undefined) return "done";
      // A variable is changed only if its value can be read.
      const values = result.typedArray();
      vars[to] = result;
      return `${result.requiresGrad} ${show(values)}`;
    }));
  }

  #scope({ call, kept, body }: Step & { kind: "scope" }): void {
    const { vars } = this.#state;
    if (!this.#managed) return this.#steps(body);
    if (call) {
      dg.scope(() => {
        this.#steps(body);
        return { list: kept.map((k) => vars[k]!) };
      });
      return;
    }
    using scope = dg.scope();
    this.#steps(body);
    for (const k of kept) scope.keep(vars[k]!);
  }
}

/** Runs the program of a seed both ways; throws where they disagree. Returns how many steps were compared, and how many of them met disposed memory. */
export function compare(seed: number): { steps: number; disposed: number } {
  const random = makeRandom(seed);
  const n = [4, 64, 1000][random(3)]!;
  const program = makeSteps(random, 10 + random(30), 3);
  const managed = new Machine(n, null).run(program);
  const plain = new Machine(n, managed).run(program);
  managed.forEach((seen, k) => {
    if (seen === DISPOSED || seen === plain[k]) return;
    throw new Error(
      `seed ${seed}, entry ${k}: ${seen.slice(0, 300)} instead of ${
        plain[k]?.slice(0, 300)
      }\n${JSON.stringify(program)}`,
    );
  });
  const disposed = managed.filter((seen) => seen === DISPOSED).length;
  return { steps: managed.length, disposed };
}
