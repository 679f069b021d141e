// Files that are written here and read by NumPy, safetensors and PyTorch, see
// tests/goldens/verify_written_files.py. As a script it writes them to a folder:
//
//     deno run --allow-read --allow-write tests/io/written_files.ts FOLDER

import * as dg from "@dinograd/dinograd";
import { describe, type Described } from "./golden_files.ts";

const TYPES: readonly dg.DType[] = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
];

/** A file that is written here. */
export interface Written {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** The tensors in it by name; a single one has no name. */
  readonly tensors: Readonly<Record<string, Described>>;
  /** What else must be found, where the format has more than tensors. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** Whether the bytes depend on the version of zlib. */
  readonly compressed?: boolean;
}

function values(dtype: dg.DType): dg.Tensor {
  const x = dg.arange(6).sub(dtype === "uint8" ? 0 : 3).reshape([2, 3]);
  return dtype === "bool" ? x.gt(0) : x.div(2).to(dtype);
}

function described(
  tensors: Record<string, dg.Tensor>,
): Record<string, Described> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, describe(x)]),
  );
}

function npy(x: dg.Tensor, fortranOrder = false): Written {
  const bytes = dg.io.encodeNpy(x, { fortranOrder });
  return { bytes, tensors: described({ "": x }) };
}

function torchFiles(types: Record<string, dg.Tensor>): Record<string, Written> {
  const x = dg.arange(12).reshape([3, 4]);
  const views = {
    x,
    transposed: x.T,
    row: x.at(1),
    steps: x.at("::2", "1::2"),
    alone: dg.arange(100).reshape([10, 10]).at(":", 3),
    expanded: dg.ones([1, 3]).expand([4, 3]),
    tracked: dg.ones(2, { requiresGrad: true }),
    scalar: dg.tensor(2.5),
    empty: dg.zeros([0, 3]),
  };
  const parameter = dg.ones([2, 2], { requiresGrad: true });
  const optimizer = new dg.optim.SGD([parameter], { lr: 0.5, momentum: 0.9 });
  parameter.mul(3).sum().backward();
  optimizer.step();
  const value = {
    epoch: 7,
    large: 2 ** 40,
    negative: -129,
    loss: 0.125,
    name: "käse",
    nothing: null,
    flags: [true, false],
    nested: { list: [1, [2, {}]] },
  };
  const huge = 2n ** 100n;
  const numbers = new Map([[0, "zero"], [300, "many"]]);
  const state = optimizer.stateDict();
  const checkpoint = { ...value, huge, numbers, optimizer: state, parameter };
  return {
    "types.pt": {
      bytes: dg.io.encodeTorch(types),
      tensors: described(types),
    },
    "views.pt": {
      bytes: dg.io.encodeTorch(views),
      tensors: described(views),
    },
    "tensor.pt": {
      bytes: dg.io.encodeTorch(x),
      tensors: described({ "": x }),
    },
    "checkpoint.pt": {
      bytes: dg.io.encodeTorch(checkpoint),
      tensors: described({ parameter }),
      value,
    },
  };
}

/** The files by name. */
export function writtenFiles(): Record<string, Written> {
  const types = Object.fromEntries(TYPES.map((name) => [name, values(name)]));
  const { bfloat16: _, ...numpyTypes } = types;
  const files: Record<string, Written> = {};
  for (const [name, x] of Object.entries(numpyTypes)) {
    files[`${name}.npy`] = npy(x);
  }
  const cube = dg.arange(24).reshape([2, 3, 4]);
  files["fortran.npy"] = npy(cube, true);
  files["transposed.npy"] = npy(cube.permute([2, 0, 1]));
  files["scalar.npy"] = npy(dg.tensor(2.5, { dtype: "float64" }));
  files["empty.npy"] = npy(dg.zeros([0, 3]));
  const special = dg.tensor([NaN, Infinity, -0], { dtype: "float64" });
  files["special.npy"] = npy(special);
  const named = { ...numpyTypes, "ä/b c": cube.T };
  files["stored.npz"] = {
    bytes: dg.io.encodeNpz(named),
    tensors: described(named),
  };
  files["deflated.npz"] = {
    bytes: dg.io.encodeNpz(named, { compressed: true }),
    tensors: described(named),
    compressed: true,
  };
  const weights = { ...types, "ä.b": cube.T, scalar: dg.tensor(1) };
  const metadata = { format: "pt", a: '"quoted"' };
  files["types.safetensors"] = {
    bytes: dg.io.encodeSafetensors(weights, { metadata }),
    tensors: described(weights),
    value: metadata,
  };
  files["none.safetensors"] = {
    bytes: dg.io.encodeSafetensors({}),
    tensors: {},
  };
  return { ...files, ...torchFiles(types) };
}

if (import.meta.main) {
  const [folder = "."] = Deno.args;
  const files = writtenFiles();
  for (const [name, { bytes }] of Object.entries(files)) {
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
  const told = Object.entries(files).map(([name, { bytes: _, ...rest }]) => [
    name,
    rest,
  ]);
  Deno.writeTextFileSync(
    `${folder}/written.json`,
    JSON.stringify(Object.fromEntries(told)),
  );
}
