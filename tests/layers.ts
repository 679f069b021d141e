// Which source file belongs to which layer, lowest first: the table that
// layering_test.ts checks the module graph against. A new file is one line
// here at most; most are covered by their folder.
//
// A pattern is a file ("src/a.ts"), a folder ("src/a/") or a name with one star
// ("src/a/format*.ts"). Where several fit a file, the longest decides.

/** One layer: what it is called and which files it holds. */
export interface Layer {
  readonly name: string;
  readonly files: readonly string[];
}

/** The layers. A file may import its own layer and the layers above it here. */
export const LAYERS: readonly Layer[] = [
  {
    name: "foundations",
    files: [
      "src/tensor/arguments.ts",
      "src/tensor/box_muller.ts",
      "src/tensor/complex_number.ts",
      "src/tensor/complex_refusal.ts",
      "src/tensor/distribution_poisson.ts",
      "src/tensor/distributions.ts",
      "src/tensor/dtype.ts",
      "src/tensor/dtype_limits.ts",
      "src/tensor/einsum_equation.ts",
      "src/tensor/errors.ts",
      "src/tensor/expr*.ts",
      "src/tensor/format*.ts",
      "src/tensor/garbage.ts",
      "src/tensor/generator.ts",
      "src/tensor/geometry.ts",
      "src/tensor/grad_fn_label.ts",
      "src/tensor/inspect.ts",
      "src/tensor/is_tensor.ts",
      "src/tensor/log1p.ts",
      "src/tensor/multinomial.ts",
      "src/tensor/number_range.ts",
      "src/tensor/number_style.ts",
      "src/tensor/overlap.ts",
      "src/tensor/parameter_mark.ts",
      "src/tensor/pool_geometry.ts",
      "src/tensor/print_options.ts",
      "src/tensor/quick_select.ts",
      "src/tensor/random_integers.ts",
      "src/tensor/refusal.ts",
      "src/tensor/resizing.ts",
      "src/tensor/shape.ts",
      "src/tensor/spacing.ts",
      "src/tensor/sweeper.ts",
      "src/tensor/view.ts",
      "src/tensor/windows.ts",
    ],
  },
  {
    name: "device interface and tape",
    files: [
      "src/tensor/accelerator.ts",
      "src/tensor/batching.ts",
      "src/tensor/device*.ts",
      "src/tensor/disposal.ts",
      "src/tensor/reach.ts",
      "src/tensor/scope.ts",
      "src/tensor/temporaries.ts",
      "src/tensor/uninitialized.ts",
      "src/tensor/witness.ts",
      "src/grad/accumulate.ts",
      "src/grad/anomaly.ts",
      "src/grad/backward.ts",
      "src/grad/conjugate.ts",
      "src/grad/engine.ts",
      "src/grad/history.ts",
      "src/grad/hooks.ts",
      "src/grad/mode.ts",
      "src/grad/node.ts",
      "src/grad/ownership.ts",
      "src/grad/refusal.ts",
    ],
  },
  { name: "devices", files: ["src/cpu/", "src/gpu/"] },
  {
    name: "op",
    files: [
      "src/tensor/*_op.ts",
      "src/tensor/added_product.ts",
      "src/tensor/complex_value.ts",
      "src/tensor/core*.ts",
      "src/tensor/fields.ts",
      "src/tensor/index*.ts",
      "src/tensor/inplace.ts",
      "src/tensor/matrix_kernel.ts",
      "src/tensor/not_differentiable.ts",
      "src/tensor/number_operand.ts",
      "src/tensor/host_data.ts",
      "src/tensor/op.ts",
      "src/tensor/set_data.ts",
      "src/tensor/results.ts",
      "src/tensor/scattered.ts",
      "src/tensor/product_checks.ts",
    ],
  },
  { name: "ops", files: ["src/tensor/ops/"] },
  {
    name: "surface",
    files: [
      "src/tensor/surface/",
      "src/tensor/create*.ts",
      "src/tensor/explain.ts",
      "src/tensor/profile.ts",
      "src/tensor/random.ts",
      "src/tensor/random_fill.ts",
      "src/tensor/random_inplace.ts",
      "src/tensor/random_sample.ts",
      "src/tensor/random_state.ts",
      "src/tensor/tensor.ts",
    ],
  },
  { name: "transforms", files: ["src/grad/", "src/func/"] },
  {
    name: "libraries",
    files: [
      "src/func/functional_call.ts",
      "src/func/mod.ts",
      "src/nn/",
      "src/optim/",
      "src/data/",
      "src/io/",
      "src/onnx/",
      "src/plot/",
    ],
  },
  { name: "package", files: ["mod.ts", "src/entry/", "src/public/"] },
];

/** A wall that the order of the layers alone would not give. */
export interface Wall {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly because: string;
}

/** The walls: imports that are forbidden although they lead down. */
export const FORBIDDEN: readonly Wall[] = [
  {
    from: ["src/tensor/", "src/grad/"],
    to: ["src/cpu/", "src/gpu/"],
    because: "tensors know devices only as the Device interface",
  },
  {
    from: ["src/cpu/"],
    to: ["src/gpu/"],
    because: "a device knows no other device",
  },
  {
    from: ["src/gpu/"],
    to: ["src/cpu/"],
    because: "a device knows no other device",
  },
  {
    from: ["src/cpu/", "src/gpu/"],
    to: ["src/grad/"],
    because: "a device knows nothing of gradients",
  },
  {
    from: ["src/nn/", "src/optim/"],
    to: ["src/tensor/op.ts", "src/tensor/*_op.ts", "src/cpu/", "src/gpu/"],
    because: "modules and optimizers are written with public ops only",
  },
];

/** Tells whether a pattern of the table fits a path. */
export function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith("/")) return path.startsWith(pattern);
  const star = pattern.indexOf("*");
  if (star >= 0) {
    const name = path.slice(star, path.length - (pattern.length - star - 1));
    return path === pattern.replace("*", name) && !name.includes("/");
  }
  return path === pattern;
}

/** The number of the layer that a path belongs to, -1 where it has none. */
export function layerOf(path: string): number {
  let layer = -1;
  let longest = 0;
  LAYERS.forEach(({ files }, index) => {
    for (const pattern of files) {
      if (pattern.length > longest && matches(pattern, path)) {
        layer = index;
        longest = pattern.length;
      }
    }
  });
  return layer;
}
