// Convolutions in JavaScript: one result after the other, by plain loops over
// three dimensions. They serve every type, and are what faster ways are
// measured against. Floats accumulate in float64.

import type {
  ConvolutionGeometry,
  Strided,
  TypedArray,
} from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { compileSource, type Kind, kindOf, load, store } from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** Sizes and strides of the operands, then arrays with the places of their first elements. */
type Loop = (
  shape: readonly number[],
  strides: readonly number[],
  inputShape: readonly number[],
  inputStrides: readonly number[],
  window: readonly number[],
  windowStrides: readonly number[],
  geometry: ConvolutionGeometry,
  out: TypedArray,
  outAt: number,
  x: TypedArray,
  xAt: number,
  w: TypedArray,
  wAt: number,
  bias: TypedArray | null,
  biasAt: number,
  biasStrides: readonly number[],
) => void;

const LOOPS: (Loop | undefined)[] = [];

/** Arithmetic of the sums. */
function accumulator(info: DTypeInfo): Kind {
  const kind = kindOf(info);
  return kind === "f32" ? "f64" : kind;
}

function multiplyAdd(kind: Kind, p: string, q: string): string {
  if (kind === "i64") return `s=BigInt.asIntN(64,s+${p}*${q});`;
  if (kind === "i32") return `s=(s+Math.imul(${p},${q}))|0;`;
  return `s+=${p}*${q};`;
}

/** Prints the loops: over results, then over the channels and elements of a window. */
function compileLoop(info: DTypeInfo): Loop {
  const own = kindOf(info);
  const kind = accumulator(info);
  const zero = kind === "i64" ? "0n" : "0";
  const over = (name: string, size: string, body: string) =>
    `for(let ${name}=0;${name}<${size};${name}++){${body}}`;
  // Leaves out elements of the window between, before and behind the input's.
  const inside = (d: number, body: string) =>
    over(
      `k${d}`,
      `K[${3 + d}]`,
      `let p${d}=o${d}*stride[${d}]+k${d}*dilation[${d}]-padding[${d}];` +
        `if(p${d}<0||p${d}%spread[${d}]!==0)continue;p${d}/=spread[${d}];` +
        `if(p${d}>=X[${3 + d}])break;` +
        `const x${d}=${d === 0 ? "xi" : `x${d - 1}`}+p${d}*T[${3 + d}];` +
        `const w${d}=${d === 0 ? "wi" : `w${d - 1}`}+k${d}*L[${3 + d}];${body}`,
    );
  const product = multiplyAdd(
    kind,
    load(info, own, "x[x2]"),
    load(info, own, "w[w2]"),
  );
  const sum = over(
    "i",
    "X[2]",
    `const xi=xo+n*T[0]+g*T[1]+i*T[2],wi=wo+g*L[0]+c*L[1]+i*L[2];` +
      inside(0, inside(1, inside(2, product))),
  );
  const result = `const a=oo+n*S[0]+g*S[1]+c*S[2]+o0*S[3]+o1*S[4]+o2*S[5];` +
    `let s=b?${load(info, kind, "b[bo+g*B[0]+c*B[1]]")}:${zero};${sum}` +
    `o[a]=${store(info, kind, "s")};`;
  const names = ["n", "g", "c", "o0", "o1", "o2"];
  const body = names.reduceRight(
    (inner, name, d) => over(name, `O[${d}]`, inner),
    result,
  );
  return compileSource(
    `(O,S,X,T,K,L,{stride,padding,dilation,spread},o,oo,x,xo,w,wo,b,bo,B)=>{${body}}`,
  );
}

/** Inserts dimensions of a size before the last ones, so that there are three. */
function pad(values: readonly number[], value: number): readonly number[] {
  if (values.length === 6) return values;
  const fill = new Array<number>(6 - values.length).fill(value);
  return [...values.slice(0, 3), ...fill, ...values.slice(3)];
}

function padGeometry(geometry: ConvolutionGeometry): ConvolutionGeometry {
  const fill = (values: readonly number[], value: number) => [
    ...new Array<number>(3 - values.length).fill(value),
    ...values,
  ];
  return {
    stride: fill(geometry.stride, 1),
    padding: fill(geometry.padding, 0),
    dilation: fill(geometry.dilation, 1),
    spread: fill(geometry.spread, 1),
  };
}

/** See `Device.convolve`. */
export function runConvolution(
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): void {
  if (out.count === 0) return;
  const loop = LOOPS[out.info.code] ??= compileLoop(out.info);
  const so = out.storage as CpuStorage;
  const sx = x.storage as CpuStorage;
  const sw = w.storage as CpuStorage;
  const sb = bias === null ? null : bias.storage as CpuStorage;
  loop(
    pad(out.shape, 1),
    pad(out.strides, 0),
    pad(x.shape, 1),
    pad(x.strides, 0),
    pad(w.shape, 1),
    pad(w.strides, 0),
    padGeometry(geometry),
    so.data,
    so.base + out.offset,
    sx.data,
    sx.base + x.offset,
    sw.data,
    sw.base + w.offset,
    sb?.data ?? null,
    bias === null ? 0 : sb!.base + bias.offset,
    bias?.strides ?? [],
  );
}
