// Convolutions: a thread per result, which walks the channels and the window.

import type { ConvolutionGeometry, Strided } from "../tensor/device.ts";
import { CALL, KIND } from "./call.ts";
import { elementOf } from "./element.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";

const THREADS = 128;

/** See `Device.convolve`. */
export function runConvolution(
  engine: Engine,
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): void {
  if (out.count === 0) return;
  const rank = out.shape.length - 3;
  let n = 0;
  const put = (values: readonly number[]) => {
    const at = n;
    for (const value of values) WORDS[n++] = value;
    return at;
  };
  put([out.count, out.offset, x.offset, w.offset, bias?.offset ?? 0]);
  const places = {
    outShape: put(out.shape),
    outStrides: put(out.strides),
    xShape: put(x.shape),
    xStrides: put(x.strides),
    wShape: put(w.shape),
    wStrides: put(w.strides),
    stride: put(geometry.stride),
    padding: put(geometry.padding),
    dilation: put(geometry.dilation),
    spread: put(geometry.spread),
  };
  const biasAt = bias === null ? 0 : put(bias.strides);
  const spreads = geometry.spread.some((s) => s !== 1);
  const groups = Math.ceil(out.count / THREADS);
  const { programs } = engine;
  CALL.begin(n);
  const added = CALL.add(out) && CALL.add(x) && CALL.add(w) &&
    (bias === null || CALL.add(bias));
  CALL.name(added, KIND.convolution, rank, spreads ? 1 : 0);
  if (programs.runNamed(groups)) return;
  const operands: Operand[] = [
    { name: "out", x: out, write: true },
    { name: "x", x, write: false },
    { name: "w", x: w, write: false },
  ];
  if (bias !== null) operands.push({ name: "bias", x: bias, write: false });
  const made = programs.launch(
    `convolve ${rank} ${bias !== null} ${spreads}`,
    operands,
    () => {
      const { kind } = elementOf(out.info);
      const at = (name: keyof typeof places, d: number) =>
        word(places[name] + d);
      const names = ["b", "g", "c", ...["o0", "o1", "o2"].slice(0, rank)];
      const lines = [
        `let i = i32(flat * ${THREADS}u + lane);`,
        `if (i >= ${word(0)}) { return; }`,
        "var rest = i;",
      ];
      for (let d = names.length - 1; d >= 0; d--) {
        lines.push(
          `let ${names[d]} = rest % ${at("outShape", d)}; rest = rest / ${
            at("outShape", d)
          };`,
        );
      }
      const place = names.map((name, d) => `${name} * ${at("outStrides", d)}`);
      lines.push(
        `let place = ${word(1)} + ${place.join(" + ")};`,
        `var acc: ${kind} = ${
          bias !== null
            ? `load_bias(${word(4)} + g * ${word(biasAt)} + c * ${
              word(biasAt + 1)
            })`
            : kind === "f32"
            ? "0.0"
            : "0"
        };`,
        `let x0 = ${word(2)} + b * ${at("xStrides", 0)} + g * ${
          at("xStrides", 1)
        };`,
        `let w0 = ${word(3)} + g * ${at("wStrides", 0)} + c * ${
          at("wStrides", 1)
        };`,
        `for (var ch = 0; ch < ${at("xShape", 2)}; ch++) {`,
        `let x1 = x0 + ch * ${at("xStrides", 2)};`,
        `let w1 = w0 + ch * ${at("wStrides", 2)};`,
      );
      let xAt = "x1";
      let wAt = "w1";
      for (let d = 0; d < rank; d++) {
        lines.push(
          `for (var k${d} = 0; k${d} < ${at("wShape", 3 + d)}; k${d}++) {`,
          `var p${d} = o${d} * ${at("stride", d)} + k${d} * ${
            at("dilation", d)
          } - ${at("padding", d)};`,
          `if (p${d} < 0) { continue; }`,
        );
        if (spreads) {
          lines.push(
            `if (p${d} % ${at("spread", d)} != 0) { continue; }`,
            `p${d} = p${d} / ${at("spread", d)};`,
          );
        }
        lines.push(`if (p${d} >= ${at("xShape", 3 + d)}) { break; }`);
        xAt += ` + p${d} * ${at("xStrides", 3 + d)}`;
        wAt += ` + k${d} * ${at("wStrides", 3 + d)}`;
      }
      lines.push(
        `acc += load_x(${xAt}) * load_w(${wAt});`,
        "}".repeat(rank + 1),
        "store_out(place, acc);",
      );
      return { threads: [THREADS, 1, 1], body: lines.join("\n") };
    },
    n,
    groups,
  );
  programs.keepNamed(made);
}
