// What trainings that take a while have in common: their state goes to a file
// at the end and on Ctrl-C, and a later run goes on from there, with the same
// random numbers, as if nothing had happened.

import * as dg from "@dinograd/dinograd";
import type { Arguments } from "./arguments.ts";

/** What makes up the state of a training. */
export interface Training {
  readonly model: dg.nn.Module;
  readonly optimizer: dg.optim.Optimizer;
  /** What changes the length of its steps. */
  readonly schedule?: dg.optim.lrScheduler.LRScheduler;
}

/** Runs epochs; `step` does one and says what there is to say of it. */
export class Trainer {
  readonly #training: Training;
  readonly #save: string | null;
  /** Epochs that earlier runs did. */
  readonly done: number = 0;
  /** What the training has to show for itself so far, that of earlier runs included. */
  readonly curve: number[] = [];
  #stopped = false;

  /** Restores the state that `--resume` names, and listens to Ctrl-C where `--save` is given. */
  constructor(training: Training, { save, resume }: Arguments) {
    this.#training = training;
    this.#save = save;
    if (resume !== null) {
      const state = dg.load(resume) as unknown as {
        model: dg.nn.StateDict;
        optimizer: Parameters<dg.optim.Optimizer["loadStateDict"]>[0];
        schedule: dg.optim.lrScheduler.SchedulerStateDict | null;
        epoch: number;
        curve: number[];
        random: dg.Tensor;
      };
      training.model.loadStateDict(state.model);
      training.optimizer.loadStateDict(state.optimizer);
      if (state.schedule !== null) {
        training.schedule?.loadStateDict(state.schedule);
      }
      // Comes last: making a model draws random numbers.
      dg.setRngState(state.random);
      this.curve.push(...state.curve);
      this.done = state.epoch;
      console.log(`goes on after epoch ${state.epoch} of ${resume}`);
    }
    if (save !== null) {
      Deno.addSignalListener("SIGINT", () => this.#stopped = true);
      console.log(`Ctrl-C saves the training: ${save}`);
    }
  }

  /** Calls `epoch` for each epoch that is left; between them Ctrl-C is heard. */
  async run(
    epochs: number,
    epoch: (number: number) => void,
  ): Promise<void> {
    let last = this.done;
    for (let k = this.done + 1; k <= epochs && !this.#stopped; k++) {
      epoch(k);
      last = k;
      // Signals arrive when the event loop turns.
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (this.#save === null) return;
    const { model, optimizer, schedule } = this.#training;
    dg.save({
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      schedule: schedule?.stateDict() ?? null,
      epoch: last,
      curve: this.curve,
      random: dg.getRngState(),
    }, this.#save);
    console.log(`saved after epoch ${last}: ${this.#save}`);
    if (this.#stopped) Deno.exit(130);
  }
}
