// What starts anew when its part of the config changes, while the gateway runs on (spec/gateway-config.md §5).
import type { HotAction, ReloadPlan } from '../config/index.js';
import type { Logger } from '../shared/logger.js';

/** Takes the config over as it is now. */
export type TakeOver = () => void | Promise<void>;

export class HotParts {
  readonly #log: Logger;
  readonly #byAction = new Map<HotAction, TakeOver[]>();
  readonly #always: TakeOver[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** For one action of the plan. */
  on(action: HotAction, takeOver: TakeOver): void {
    this.#byAction.set(action, [...(this.#byAction.get(action) ?? []), takeOver]);
  }

  /** For every change that the gateway takes over. */
  onAny(takeOver: TakeOver): void {
    this.#always.push(takeOver);
  }

  /** Call it when the new config is in effect. A part that fails keeps no other from it; its fault is logged. */
  async apply({ actions }: Pick<ReloadPlan, 'actions'>): Promise<void> {
    for (const takeOver of this.#always) await this.#run('config', takeOver);
    for (const action of actions) {
      const parts = this.#byAction.get(action) ?? [];
      let done = parts.length > 0;
      for (const takeOver of parts) done = (await this.#run(action, takeOver)) && done;
      // A part that is not there did nothing.
      if (done) this.#log.debug(`config reload: ${action}`);
    }
  }

  async #run(what: string, takeOver: TakeOver): Promise<boolean> {
    try {
      await takeOver();
      return true;
    } catch (error) {
      this.#log.error(`config reload: ${what} failed`, { err: error });
      return false;
    }
  }
}
