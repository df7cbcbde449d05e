// Entry of the thread that drives browsers. Bundled by itself, see `workers` in vite.config.ts.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { BrowserType } from 'playwright-core';
import type { FromWorker, ToWorker, WorkerStart } from '../messages.js';
import { carryOut } from './dispatch.js';
import { failureOf } from './failure.js';
import { createAsking } from './judge.js';
import { Browsers } from './running.js';

function run(port: NonNullable<typeof parentPort>): void {
  const { playwrightFile } = workerData as WorkerStart;
  const say = (message: FromWorker): void => port.postMessage(message);
  const { chromium } = createRequire(playwrightFile)(playwrightFile) as { chromium: BrowserType };
  const asking = createAsking((id, url) => say({ type: 'judge', id, url }));
  const { judge } = asking;
  const browsers = new Browsers({
    chromium,
    judge,
    onStarted: (pid) => say({ type: 'started', pid }),
    onEnded: (pid) => say({ type: 'ended', pid }),
  });
  const cancels = new Map<number, AbortController>();

  async function answer({ id, command }: Extract<ToWorker, { type: 'command' }>): Promise<void> {
    const cancel = new AbortController();
    cancels.set(id, cancel);
    try {
      say({ type: 'result', id, outcome: await carryOut({ browsers, judge }, command, cancel.signal) });
    } catch (error) {
      say({ type: 'failure', id, failure: failureOf(error) });
    } finally {
      cancels.delete(id);
    }
  }

  port.on('message', (message: ToWorker) => {
    if (message.type === 'command') void answer(message);
    else if (message.type === 'verdict') asking.hear(message.id, message.verdict);
    else cancels.get(message.id)?.abort(new Error('cancelled'));
  });
}

if (parentPort) run(parentPort);
