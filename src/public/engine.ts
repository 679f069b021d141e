// What the package exports: the engine's threads, memory and state.

export { getNumThreads, setNumThreads } from "../cpu/threads.ts";
