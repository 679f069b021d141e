// How the threads that share a result combine what each of them has: through
// the memory of their workgroup, half of them after the other; or, where the
// device has subgroups of one size, within subgroups first, by registers. It
// knows nothing of what is combined.

/** Threads of a workgroup. */
const THREADS = 256;

/** What is combined, and by whom. */
export interface Tree {
  /** Threads that share a result, a power of two; neighbours, if `near` is 1. */
  readonly threads: number;
  /** How far apart they are. */
  readonly near: number;
  /** The type of what they have: a number, a vector, or what `partner` exchanges. */
  readonly type: string;
  /** The variable that has it, and has the result behind the tree. */
  readonly acc: string;
  /** Whether all threads need the result, and the memory is used again behind; else the first one. */
  readonly all: boolean;
  /** Spells the combination of two, in either order. */
  combine(a: string, b: string): string;
  /** Spells what the thread has whose place in the subgroup differs by the bit `width`, if that is no number or vector. */
  partner?(acc: string, width: number): string;
}

/** Threads that combine by registers: of a subgroup, if those of a result lie together. */
function togetherIn({ threads, near }: Tree, lanes: number): number {
  return near === 1 ? Math.min(lanes, threads) : 1;
}

/** Declares the memory that the tree takes; `lanes` is the size of all subgroups, or 1. */
export function declareTree(tree: Tree, lanes: number): string {
  const together = togetherIn(tree, lanes);
  return together === tree.threads
    ? ""
    : `var<workgroup> shared_acc: array<${tree.type}, ${THREADS / together}>;`;
}

function shuffle(acc: string, width: number): string {
  return `subgroupShuffleXor(${acc}, ${width}u)`;
}

/** Prints the tree; it sees `lane` and `share`, the number of a thread among those of its result. */
export function printTree(tree: Tree, lanes: number): string {
  const { threads, acc, combine, partner = shuffle } = tree;
  const together = togetherIn(tree, lanes);
  if (threads === 1) return "";
  if (together === 1) return printHalves(tree);
  const within = (count: number) => {
    const lines: string[] = [];
    for (let width = count / 2; width >= 1; width /= 2) {
      lines.push(`${acc} = ${combine(acc, partner(acc, width))};`);
    }
    return lines;
  };
  const lines = within(together);
  const parts = threads / together;
  if (parts > 1) {
    // Each subgroup does all the rest, so that nobody waits for one that does.
    const few = Math.min(lanes, parts);
    const place = `(i32(lane) - share) / ${together} + share % ${few}`;
    lines.push(
      `if (share % ${together} == 0) { shared_acc[lane / ${together}u] = ${acc}; }`,
      "workgroupBarrier();",
      `${acc} = shared_acc[${place}];`,
    );
    for (let k = few; k < parts; k += few) {
      lines.push(`${acc} = ${combine(acc, `shared_acc[${place} + ${k}]`)};`);
    }
    lines.push(...within(few));
    if (tree.all) lines.push("workgroupBarrier();");
  }
  return lines.join("\n");
}

/** By halves, through the memory of the workgroup. */
function printHalves({ threads, near, acc, all, combine }: Tree): string {
  return `shared_acc[lane] = ${acc};
workgroupBarrier();
for (var width = ${threads / 2}; width > 0; width = width / 2) {
  if (share < width) { shared_acc[lane] = ${
    combine("shared_acc[lane]", `shared_acc[i32(lane) + width * ${near}]`)
  }; }
  workgroupBarrier();
}
${
    all
      ? `${acc} = shared_acc[i32(lane) - share];
workgroupBarrier();`
      : `${acc} = shared_acc[lane];`
  }`;
}
