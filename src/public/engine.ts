// What the package exports: the engine's threads, memory and state.

import "../cpu/witness.ts";

export { type Diagnosis, doctor } from "../cpu/doctor.ts";
export {
  explain,
  type ExplainedCalls,
  type Explanation,
} from "../tensor/explain.ts";
export {
  type DeviceMemory,
  emptyCache,
  memory,
  type MemoryReport,
} from "../cpu/memory_report.ts";
export type { GpuDiagnosis } from "../tensor/device_care.ts";
export {
  Profile,
  profile,
  type ProfiledCalls,
  type ProfileOptions,
} from "../tensor/profile.ts";
export { keep, Scope, scope } from "../tensor/scope.ts";
export { getNumThreads, setNumThreads } from "../cpu/threads.ts";
