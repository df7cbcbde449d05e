// `gateway --force`: stops whatever listens on the port (spec/gateway-cli.md §2).
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../shared/app-error.js';
import { accepts, inspectPort, type PortListener } from './port-listeners.js';

const TERM_PATIENCE_MS = 700;
const TOTAL_MS = 2_000;
const FREE_WAIT_MS = 3_000;
const POLL_MS = 50;

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // It ended by itself.
    if (code === 'ESRCH') return;
    throw new AppError('gateway.port_in_use', {
      message: `Process ${pid} on the port cannot be stopped (${code}).`,
      hint: 'Stop it yourself, or choose another port with --port.',
      cause: error,
    });
  }
}

async function until(done: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!(await done())) {
    if (performance.now() >= end) return false;
    await wait(POLL_MS);
  }
  return true;
}

/**
 * Ends the listeners on `port`: SIGTERM, after 700 ms SIGKILL. Resolves when the port can be bound.
 * Throws AppError gateway.port_in_use when it stays taken, gateway.flag_invalid where listeners cannot be found.
 */
export async function freePort(port: number, platform: NodeJS.Platform, log: (line: string) => void): Promise<void> {
  if (platform !== 'linux') {
    const message = '--force can find the program on a port only on Linux.';
    throw new AppError('gateway.flag_invalid', {
      message,
      hint: 'Stop that program yourself, or choose another port with --port.',
    });
  }
  const listeners = async (): Promise<PortListener[]> =>
    (await inspectPort(port, platform)).listeners.filter(({ pid }) => pid !== process.pid);
  const gone = async (): Promise<boolean> => (await listeners()).length === 0;
  const found = await listeners();
  if (found.length === 0) log(`force: no listeners on port ${port}`);
  for (const { pid, commandLine, command } of found) {
    signal(pid, 'SIGTERM');
    log(`force: killed pid ${pid} (${commandLine || command}) on port ${port}`);
  }
  if (!(await until(gone, TERM_PATIENCE_MS))) {
    for (const { pid } of await listeners()) signal(pid, 'SIGKILL');
    await until(gone, TOTAL_MS - TERM_PATIENCE_MS);
  }
  if (!(await until(async () => !(await accepts(port)), FREE_WAIT_MS))) {
    throw new AppError('gateway.port_in_use', { message: `Port ${port} is still taken after --force.` });
  }
}
