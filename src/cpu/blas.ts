// Matrix products by a BLAS of the machine, where the program may use foreign
// functions (`--allow-ffi`) and one is installed. It works on the very memory
// of the tensors. Never required, and never asked for with a prompt.

import type { Epilogue, Strided } from "../tensor/device.ts";
import { runCopy } from "./map_loop.ts";
import { MEMORY } from "./memory.ts";
import { quiet } from "./pool.ts";
import type { CpuStorage } from "./storage.ts";
import { TALLY } from "./tally.ts";
import { THREADS } from "./threads.ts";
import { TUNING } from "./tuning.ts";
import { wasmCopy } from "./wasm/copy.ts";

/** Where a BLAS with the C interface and 32-bit integers may be, by system; the fastest first. */
const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "libmkl_rt.so.2",
    "libmkl_rt.so.1",
    "libmkl_rt.so",
    "libopenblas.so.0",
    "libopenblas.so",
    "libopenblasp.so.0",
    "/usr/lib/x86_64-linux-gnu/libopenblas.so.0",
    "/usr/lib/aarch64-linux-gnu/libopenblas.so.0",
    "/usr/lib64/libopenblas.so.0",
    "/usr/local/lib/libopenblas.so.0",
    "/opt/OpenBLAS/lib/libopenblas.so.0",
  ],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
  ],
  windows: ["mkl_rt.2.dll", "mkl_rt.dll", "libopenblas.dll", "openblas.dll"],
};

const GEMM = <const F extends "f32" | "f64">(scalar: F) => ({
  parameters: [
    "i32", // order
    "i32", // transposition of a
    "i32", // transposition of b
    "i32", // m
    "i32", // n
    "i32", // k
    scalar, // alpha
    "pointer",
    "i32", // elements between rows of a
    "pointer",
    "i32",
    scalar, // beta
    "pointer",
    "i32",
  ],
  result: "void",
} as const);

const SYMBOLS = {
  cblas_sgemm: GEMM("f32"),
  cblas_dgemm: GEMM("f64"),
  openblas_set_num_threads: {
    parameters: ["i32"],
    result: "void",
    optional: true,
  },
  openblas_get_corename: { parameters: [], result: "pointer", optional: true },
  MKL_Set_Num_Threads: { parameters: ["i32"], result: "void", optional: true },
} as const;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

const ROW_MAJOR = 101;
const AS_IT_IS = 111;
const TRANSPOSED = 112;

/**
 * Processors for which OpenBLAS has no code with AVX. An old OpenBLAS takes a
 * new processor for one of these, and is then slower than WebAssembly.
 */
const SLOW =
  /^(generic|prescott|core2|penryn|dunnington|nehalem|atom|athlon|opteron|barcelona|bobcat|nano|katmai|coppermine|northwood|banias)/i;

/** What was found. */
interface Blas {
  readonly name: string;
  readonly symbols: Library["symbols"];
  /** Address of the shared memory's first byte. */
  readonly memory: Deno.PointerObject;
  /** Steps from there. */
  readonly offset: typeof Deno.UnsafePointer.offset;
  /** Threads that it was told to use. */
  threads: number;
}

/** What was found and is slower than WebAssembly, for doctor.ts. */
let passedOver: string | null = null;
/** Undefined as long as nobody looked. */
let found: Blas | null | undefined;

/** Deno, where this runs in it. */
function runtime(): typeof Deno | undefined {
  return (globalThis as unknown as { Deno?: typeof Deno }).Deno;
}

/** Whether a library may be opened; asks nobody. */
function isAllowed(deno: typeof Deno, path?: string): boolean {
  const { state } = deno.permissions.querySync(
    path === undefined ? { name: "ffi" } : { name: "ffi", path },
  );
  return state === "granted";
}

/** Whether foreign functions may be used at all. */
export function ffiAllowed(): boolean {
  try {
    const deno = runtime();
    return deno !== undefined && isAllowed(deno);
  } catch {
    return false;
  }
}

function open(): Blas | null {
  const deno = runtime();
  if (deno?.dlopen === undefined || MEMORY === null) return null;
  for (const name of CANDIDATES[deno.build.os] ?? []) {
    try {
      if (!isAllowed(deno) && !isAllowed(deno, name)) continue;
      const { symbols } = deno.dlopen(name, SYMBOLS);
      const core = symbols.openblas_get_corename?.() ?? null;
      const processor = core === null
        ? ""
        : deno.UnsafePointerView.getCString(core);
      if (SLOW.test(processor)) {
        passedOver ??=
          `${name} takes this processor for a ${processor} and would be slower; ` +
          "set OPENBLAS_CORETYPE, for example to Haswell or SkylakeX";
        continue;
      }
      const memory = deno.UnsafePointer.of(new Uint8Array(MEMORY.buffer));
      if (memory === null) return null;
      const { offset } = deno.UnsafePointer;
      return { name, symbols, memory, offset, threads: 0 };
    } catch {
      // Not installed here, or without the C interface: the next one.
    }
  }
  return null;
}

function library(): Blas | null {
  return found === undefined ? found = open() : found;
}

/** Name of the BLAS that large products use; null where there is none. */
export function blasName(): string | null {
  return library()?.name ?? null;
}

/** Why a BLAS that was found is not used; null where there is no such thing. */
export function blasPassedOver(): string | null {
  library();
  return passedOver;
}

/** Elements between the rows of a matrix as BLAS reads it; 0 where it cannot. */
function leading(
  rows: number,
  columns: number,
  row: number,
  column: number,
): number {
  if (column !== 1 && columns > 1) return 0;
  if (rows === 1) return columns;
  return row >= columns && row < 2 ** 31 ? row : 0;
}

/** The product by BLAS; see `Device.matmul`. Returns whether it served. */
export function blasMatmul(
  out: Strided,
  x: Strided,
  y: Strided,
  epilogue: Epilogue | null,
): boolean {
  const { info, shape } = out;
  const m = shape[1]!;
  const n = shape[2]!;
  const k = x.shape[2]!;
  // Thin products read each element hardly more than once: nothing to gain.
  if (m * n * k < TUNING.blasLeast || m < 8 || n < 8 || k < 8) return false;
  if (info.category !== 2 || info.bytes < 4) return false;
  const blas = library();
  if (blas === null) return false;

  const po = (out.storage as CpuStorage).pointer;
  const px = (x.storage as CpuStorage).pointer;
  const py = (y.storage as CpuStorage).pointer;
  if (po === 0 || px === 0 || py === 0) return false;
  const ldo = leading(m, n, out.strides[1]!, out.strides[2]!);
  let ldx = leading(m, k, x.strides[1]!, x.strides[2]!);
  let ldy = leading(k, n, y.strides[1]!, y.strides[2]!);
  const [tx, ty] = [ldx === 0, ldy === 0];
  if (tx) ldx = leading(k, m, x.strides[2]!, x.strides[1]!);
  if (ty) ldy = leading(n, k, y.strides[2]!, y.strides[1]!);
  if (ldo === 0 || ldx === 0 || ldy === 0) return false;

  let alpha = 1;
  let beta = 0;
  if (epilogue !== null) {
    const { addend } = epilogue;
    // BLAS has no bound, and adds to what lies in the result only.
    if (epilogue.relu) return false;
    alpha = epilogue.alpha;
    if (addend !== null) {
      beta = epilogue.beta;
      if (!wasmCopy(out, addend)) runCopy(out, addend);
    }
  }

  const { symbols, memory, offset } = blas;
  if (blas.threads !== THREADS.count) {
    blas.threads = THREADS.count;
    symbols.openblas_set_num_threads?.(THREADS.count);
    symbols.MKL_Set_Num_Threads?.(THREADS.count);
  }
  const gemm = info.bytes === 4 ? symbols.cblas_sgemm : symbols.cblas_dgemm;
  const { bytes } = info;
  // BLAS has threads of its own, which need the processors.
  TALLY.blas++;
  quiet(true);
  for (let b = 0; b < shape[0]!; b++) {
    gemm(
      ROW_MAJOR,
      tx ? TRANSPOSED : AS_IT_IS,
      ty ? TRANSPOSED : AS_IT_IS,
      m,
      n,
      k,
      alpha,
      offset(memory, px + (x.offset + b * x.strides[0]!) * bytes),
      ldx,
      offset(memory, py + (y.offset + b * y.strides[0]!) * bytes),
      ldy,
      beta,
      offset(memory, po + (out.offset + b * out.strides[0]!) * bytes),
      ldo,
    );
  }
  quiet(false);
  return true;
}
