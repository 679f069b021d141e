// The handwritten digits of data/digits.csv as tensors, shuffled and cut into a
// training and a test set.

import * as dg from "@dinograd/dinograd";
import text from "../data/digits.csv" with { type: "text" };

/** Images [N, 1, 8, 8] from 0 to 1, and their digits [N]. */
export interface Digits {
  readonly images: dg.Tensor;
  readonly labels: dg.Tensor;
}

/** The training set (80 %) and the test set. */
export function loadDigits(): { train: Digits; test: Digits } {
  const rows = text.trim().split("\n").map((line) =>
    line.split(",").map(Number)
  );
  const table = dg.tensor(rows, { device: "cpu" });
  const order = dg.randperm(rows.length, { device: "cpu" });
  const shuffled = table.indexSelect(0, order);
  const device = dg.getDefaultDevice();
  const part = (from: number, count: number): Digits => {
    const piece = shuffled.narrow(0, from, count);
    const labels = piece.at(":", 64);
    return {
      images: piece.at(":", ":64").div(16).reshape([count, 1, 8, 8])
        .contiguous().to(device),
      labels: labels.to(device.type === "cpu" ? "int64" : "int32").to(device),
    };
  };
  const count = Math.round(rows.length * 0.8);
  return { train: part(0, count), test: part(count, rows.length - count) };
}

/** The share of images whose digit a model gets right. */
export function accuracy(
  model: dg.nn.Layer,
  { images, labels }: Digits,
): number {
  const mode = model.training;
  model.eval();
  const right = dg.noGrad(() =>
    model.call(images).argmax(1).eq(labels).to("float32").mean().item()
  );
  model.train(mode);
  return right;
}
