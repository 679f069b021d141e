// What becomes of the sums of a product where no kernel does it while it stores
// them: a pass over the results in JavaScript.

import type { Epilogue, Strided } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import {
  callsOf,
  compileSource,
  convert,
  type Kind,
  kindOf,
  load,
  store,
} from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** `o = alpha * o + beta * a`, bounded, over a batch of matrices. */
type Loop = (
  shape: readonly number[],
  o: ArrayLike<unknown>,
  oo: number,
  os: readonly number[],
  a: ArrayLike<unknown> | null,
  ao: number,
  as: readonly number[],
  alpha: number,
  beta: number,
  relu: boolean,
) => void;

const LOOPS: (Loop | undefined)[] = [];

function compileLoop(info: DTypeInfo): Loop {
  const own = kindOf(info);
  const kind: Kind = own === "f32" ? "f64" : own;
  const { add, mul } = callsOf(kind);
  const zero = kind === "i64" ? "0n" : "0";
  const scaled = mul("p", load(info, kind, "o[x]"));
  const added = add("s", mul("q", load(info, kind, "a[y]")));
  return compileSource(
    `(shape,o,oo,os,a,ao,as,alpha,beta,relu)=>{` +
      `const p=${convert("f64", kind, "alpha")};` +
      `const q=${convert("f64", kind, "beta")};` +
      `const [d,e,f]=shape,u=os[2],v=as[2];` +
      `for(let i=0;i<d;i++)for(let j=0;j<e;j++){` +
      `let x=oo+i*os[0]+j*os[1],y=ao+i*as[0]+j*as[1];` +
      `for(let l=0;l<f;l++){let s=${scaled};if(a!==null)s=${added};` +
      `if(relu&&s<${zero})s=${zero};o[x]=${store(info, kind, "s")};` +
      `x+=u;y+=v;}}}`,
  );
}

const NOTHING: readonly number[] = [0, 0, 0];

/** Applies an epilogue to sums that lie in `out`. */
export function finish(
  out: Strided,
  { alpha, addend, beta, relu }: Epilogue,
): void {
  const { data, base } = out.storage as CpuStorage;
  const from = addend === null ? null : addend.storage as CpuStorage;
  (LOOPS[out.info.code] ??= compileLoop(out.info))(
    out.shape,
    data,
    base + out.offset,
    out.strides,
    from === null ? null : from.data,
    from === null ? 0 : from.base + addend!.offset,
    from === null ? NOTHING : addend!.strides,
    alpha,
    beta,
    relu,
  );
}
