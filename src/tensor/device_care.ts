// What devices besides the CPU tell about themselves, and how they are asked to
// give memory back: the engine's reports ask here, so that they need not load
// the devices. Knows nothing of what the devices are.

import type { Device } from "./device.ts";

/** Memory of one device; see {@linkcode memory}. */
export interface DeviceMemory {
  /** Bytes of tensors that something still refers to. */
  readonly liveBytes: number;
  /** How many pieces of memory these bytes are; a view shares that of its base. */
  readonly liveStorages: number;
  /** Bytes that are taken from the device's memory: the live ones, what rounding to sizes adds, and what kernels keep for themselves. */
  readonly reservedBytes: number;
  /** Most bytes that were in use at a time, garbage that was not yet collected included. */
  readonly peakBytes: number;
}

/** What a GPU is and can do; see {@linkcode doctor}. */
export interface GpuDiagnosis {
  /** The adapter, as it names itself. */
  readonly adapter: string;
  /** Whether results can be read without awaiting. */
  readonly syncRead: boolean;
  /** The optional features that are used, such as `"shader-f16"`. */
  readonly features: readonly string[];
  /** The limits that decide how tensors are cut and kernels launched. */
  readonly limits: Readonly<Record<string, number>>;
  /** Kernels that were compiled. */
  readonly kernels: number;
  /** Buffers that exist, by what they are for. */
  readonly buffers: {
    /** Of tensors, those included that wait to be used again. */
    readonly storage: number;
    /** To read through. */
    readonly staging: number;
    /** Bind groups that are kept, which refer to buffers. */
    readonly bindGroups: number;
  };
}

/** What a device does for the engine's reports. */
export interface DeviceCare {
  /** The device. */
  readonly device: Device;
  /** Whether it can still be used. */
  readonly isAlive: boolean;
  /** What its tensors take; garbage was collected before. */
  memory(): DeviceMemory;
  /** Gives back what no tensor needs. */
  trim(): void;
  /** What it is. */
  diagnosis(): GpuDiagnosis;
}

let all: DeviceCare[] = [];

/** Adds a device to the reports. */
export function registerCare(care: DeviceCare): void {
  all.push(care);
}

/** The devices that can still be used, in the order of their requests. */
export function devicesInCare(): readonly DeviceCare[] {
  all = all.filter(({ isAlive }) => isAlive);
  return all;
}
