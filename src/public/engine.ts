// What the package exports: the engine's threads, memory and state.

export { type Diagnosis, doctor } from "../cpu/doctor.ts";
export {
  type DeviceMemory,
  emptyCache,
  memory,
  type MemoryReport,
} from "../cpu/memory_report.ts";
export { keep, Scope, scope } from "../tensor/scope.ts";
export { getNumThreads, setNumThreads } from "../cpu/threads.ts";
