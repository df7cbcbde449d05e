// A main process with nothing but the supervisor; the test talks to it in JSON lines.
import { createInterface } from 'node:readline';
import { app } from 'electron';
import { openDesktopLog } from '../main/desktop-log.js';
import { childEnv } from '../main/processes/child-env.js';
import { createForkChild } from '../main/processes/child-process.js';
import { GatewaySupervisor } from '../main/processes/supervisor.js';
import { systemTimers } from '../main/processes/timers.js';

const HANDED_KEY = 'the-handed-key';
const { HQ_PROBE_ENTRY: entry = '', HQ_PROBE_LOG: logFile = '' } = process.env;

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

// Not awaited at the top: Electron gets ready only after this module has run.
void app.whenReady().then(() => {
  const log = openDesktopLog(logFile);
  const supervisor = new GatewaySupervisor({
    fork: createForkChild({ log, timers: systemTimers }),
    entry,
    env: childEnv(process.env),
    cwd: process.cwd(),
    keychain: () => Promise.resolve({ key: HANDED_KEY }),
    timers: systemTimers,
    log,
  });
  supervisor.status.onChange((status) => say({ status }));

  const commands: Record<string, () => Promise<unknown>> = {
    start: () => supervisor.start(),
    stop: () => supervisor.stop(),
    restart: () => supervisor.restart(),
    connection: () => supervisor.connection(),
    quit: async () => setImmediate(() => app.exit(0)),
  };

  createInterface({ input: process.stdin }).on('line', (line) => {
    void commands[line]?.().then((result) => say({ done: line, result }));
  });
  say({ done: 'boot' });
});
