// One `openclaw config set` after the other: a lock file beside the config while it is written without a gateway.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../shared/app-error.js';

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 10_000;
/** A writer needs milliseconds; a lock of this age whose process is gone was left by a crash. */
const LEFT_BEHIND_MS = 2_000;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function dropIfLeftBehind(file: string): Promise<void> {
  try {
    const [{ mtimeMs }, text] = [await stat(file), await readFile(file, 'utf8')];
    const pid = Number(text);
    const hasOwner = Number.isInteger(pid) && pid > 0 && isRunning(pid);
    if (!hasOwner && Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(file, { force: true });
  } catch (error) {
    // Its owner has just finished.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Runs `work` while no other command writes this config. Throws AppError config.unwritable after ten seconds of waiting. */
export async function inConfigTurn<T>(configPath: string, work: () => Promise<T>): Promise<T> {
  const file = `${configPath}.writing`;
  await mkdir(path.dirname(file), { recursive: true });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await take(file))) {
    await dropIfLeftBehind(file);
    if (Date.now() > deadline) {
      throw new AppError('config.unwritable', {
        message: 'Another command has been writing the config for ten seconds.',
        hint: `Wait for it and run this again. When no other command runs, delete ${file}.`,
      });
    }
    await wait(LOOK_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
