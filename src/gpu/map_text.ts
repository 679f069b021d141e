// What elementwise kernels have in common: the function that computes one
// element, as text.

import type { DTypeInfo } from "../tensor/dtype.ts";
import { type Expr, isCondition, print } from "../tensor/expr.ts";
import { convertKind, elementOf, type Kind, storeFrom } from "./element.ts";
import { word, wordF } from "./module_text.ts";
import { spelling } from "./wgsl_spelling.ts";

/** Threads of a workgroup. */
export const THREADS = 128;
/** What kernels call their inputs. */
export const NAMES: readonly string[] = ["a", "b", "c"];

/** An input: where its number stands among those of the call, or -1 and the type of its elements. */
export interface MapInput {
  /** The place of its number. */
  readonly number: number;
  /** The type of its elements. */
  readonly info: DTypeInfo;
}

/** The function `each` and how it is called. */
export interface EachElement {
  /** Its definition. */
  readonly declarations: string;
  /** The arithmetic of its result, as the store wants it. */
  readonly resultKind: Kind;
  /** Spells a call; `load` spells the element of an input. */
  call(load: (k: number, name: string) => string): string;
}

/** Prints the function that computes one element. */
export function printEach(
  kind: Kind,
  body: Expr,
  out: DTypeInfo,
  inputs: readonly MapInput[],
  paramsAt: number,
): EachElement {
  const number = kind === "f32" ? wordF : word;
  const texts = inputs.map((x, k) =>
    x.number >= 0 ? number(x.number) : `x${k}`
  );
  const { definitions, result } = print(
    body,
    spelling(kind, texts, (index) => number(paramsAt + index)),
  );
  const condition = isCondition(body);
  const resultKind = condition ? "i32" : elementOf(out).kind;
  const value = condition
    ? `select(0,1,${result})`
    : out.category === 0
    ? storeFrom(out, kind, result)
    : convertKind(kind, resultKind, result);
  const args = inputs
    .map((x, k) => x.number >= 0 ? "" : `x${k}: ${kind}`)
    .filter((text) => text !== "");
  return {
    declarations: `fn each(${args.join(", ")}) -> ${resultKind} {
${definitions.join("\n")}
return ${value};
}`,
    resultKind,
    call(load) {
      const values = inputs
        .map((x, k) =>
          x.number >= 0
            ? ""
            : convertKind(elementOf(x.info).kind, kind, load(k, NAMES[k]!))
        )
        .filter((text) => text !== "");
      return `each(${values.join(", ")})`;
    },
  };
}
