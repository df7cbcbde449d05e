// One gateway per config: a lock file that names its owner (spec/gateway-config.md §1, Lock).
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, lstat, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { AppError, errorMessage } from '../shared/app-error.js';
import { isRecord } from './json-value.js';

const UNREADABLE_STALE_MS = 30_000;
/** How long a fresh lock is trusted although its port is not taken yet. */
const START_GRACE_MS = 30_000;
const TAKEOVER_STALE_MS = 5_000;
/** A config is replaced in a few milliseconds. */
const WRITE_POLL_MS = 10;

export interface LockOwner {
  pid: number;
  createdAt: string;
  configPath: string;
  /** Linux: start of the process in clock ticks since boot; tells a reused pid from the owner. */
  startTime?: number;
  host?: string;
  command?: string;
}

export interface LockOptions {
  configPath: string;
  env: NodeJS.ProcessEnv;
  /** The port this gateway will use; only where a process's start time is unknown. */
  port?: number;
  timeoutMs?: number;
  pollMs?: number;
  now?: () => number;
  /** Waits between two tries; injectable for tests. */
  wait?: (ms: number) => Promise<void>;
  tmpDir?: string;
}

export interface GatewayLock {
  /** The lock file, or undefined when locking is switched off. */
  file?: string;
  release(): Promise<void>;
}

/** `<tmp>/openclaw-<uid>/gateway.<8 hex of the config path>.lock` */
export function gatewayLockPath(configPath: string, folder: string = tmpdir()): string {
  const uid = process.getuid?.();
  const name = createHash('sha256').update(path.resolve(configPath)).digest('hex').slice(0, 8);
  return path.join(folder, uid === undefined ? 'openclaw' : `openclaw-${uid}`, `gateway.${name}.lock`);
}

function startTimeOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields are counted from behind it.
    const ticks = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isFinite(ticks) ? ticks : undefined;
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || typeof value.pid !== 'number' || !Number.isInteger(value.pid)) return undefined;
    if (typeof value.createdAt !== 'string' || typeof value.configPath !== 'string') return undefined;
    return value as unknown as LockOwner;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Held = { text: string; owner?: LockOwner; ageMs: number };

async function readLock(file: string, now: number): Promise<Held | undefined> {
  try {
    const [text, info] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { text, owner: parseOwner(text), ageMs: now - info.mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(500, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** True when the owner is gone and the file may be taken away. */
async function isStale(held: Held, port: number | undefined): Promise<boolean> {
  const { owner } = held;
  if (!owner) return held.ageMs > UNREADABLE_STALE_MS;
  if (!isAlive(owner.pid)) return true;
  const startTime = startTimeOf(owner.pid);
  if (owner.startTime !== undefined && startTime !== undefined) return owner.startTime !== startTime;
  // Without a start time the pid may belong to someone else by now; a gateway past its start has its port.
  return port !== undefined && port > 0 && held.ageMs > START_GRACE_MS && !(await isListening(port));
}

async function createInPlace(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** False when there is such a file. It appears with its text, so that a crash leaves no lock without an owner. */
async function createExclusively(file: string, text: string): Promise<boolean> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  await createInPlace(draft, text);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // A disk without hard links.
    return await createInPlace(file, text);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a stale lock; true when it is gone. A second file makes sure that one process at a time does so. */
async function removeStale(file: string, port: number | undefined, now: number): Promise<boolean> {
  const guard = `${file}.takeover`;
  if (!(await createExclusively(guard, String(process.pid)))) {
    const other = await readLock(guard, now);
    if (other && other.ageMs > TAKEOVER_STALE_MS) await rm(guard, { force: true });
    return false;
  }
  try {
    const held = await readLock(file, now);
    if (!held || !(await isStale(held, port))) return held === undefined;
    await rm(file, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function ensureLockFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const info = await lstat(folder);
  const uid = process.getuid?.();
  if (!info.isDirectory() || (uid !== undefined && info.uid !== uid)) {
    throw new Error(`${folder} is not a folder of this user`);
  }
}

function lockedError(held: Held | undefined, file: string, timeoutMs: number): AppError {
  const owner = held?.owner;
  const who = owner ? ` (pid ${owner.pid})` : '';
  const what = owner?.command ? `It was started as: ${owner.command}. ` : '';
  return new AppError('gateway.locked', {
    message: `gateway already running${who}; lock timeout after ${timeoutMs}ms`,
    hint: `${what}Stop it first, or use its address.`,
    details: { lockFile: file, ...owner },
  });
}

function releaseOf(file: string, text: string): GatewayLock {
  const drop = () => {
    try {
      if (readFileSync(file, 'utf8') === text) unlinkSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  process.once('exit', drop);
  return {
    file,
    async release() {
      process.off('exit', drop);
      drop();
    },
  };
}

function ownerText(options: LockOptions, now: number): string {
  const owner: LockOwner = {
    pid: process.pid,
    createdAt: new Date(now).toISOString(),
    configPath: path.resolve(options.configPath),
    startTime: startTimeOf(process.pid),
    host: hostname(),
    command: process.argv.slice(0, 4).join(' '),
  };
  return JSON.stringify(owner);
}

function waitReal(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function acquire(
  file: string,
  options: LockOptions,
  refusal: (held: Held | undefined, file: string, timeoutMs: number) => AppError,
): Promise<GatewayLock> {
  const now = options.now ?? Date.now;
  const wait = options.wait ?? waitReal;
  const timeoutMs = options.timeoutMs ?? 5_000;
  const deadline = now() + timeoutMs;
  const text = ownerText(options, now());
  for (;;) {
    if (await createExclusively(file, text)) return releaseOf(file, text);
    const held = await readLock(file, now());
    const gone =
      held === undefined || ((await isStale(held, options.port)) && (await removeStale(file, options.port, now())));
    if (gone) continue;
    if (now() >= deadline) throw refusal(held, file, timeoutMs);
    await wait(options.pollMs ?? 100);
  }
}

/**
 * Takes the lock of this config or waits for it (5 s, every 100 ms). `OPENCLAW_ALLOW_MULTI_GATEWAY=1` switches it off.
 * Released by `release()` and at process exit. Throws `gateway.locked` naming the owner, `state.unwritable`.
 */
export async function acquireGatewayLock(options: LockOptions): Promise<GatewayLock> {
  if (options.env.OPENCLAW_ALLOW_MULTI_GATEWAY === '1') return { release: async () => undefined };
  const file = gatewayLockPath(options.configPath, options.tmpDir);
  try {
    await ensureLockFolder(path.dirname(file));
    return await acquire(file, options, lockedError);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('state.unwritable', {
      message: `The lock ${file} cannot be written: ${errorMessage(error)}`,
      hint: 'Check the permissions of that folder, or set OPENCLAW_ALLOW_MULTI_GATEWAY=1 to start without a lock.',
      cause: error,
    });
  }
}

/**
 * Takes `<file>.lock` while a config file is replaced, so that a command and a gateway that write at the same moment
 * do so one after the other. A lock whose owner died is taken over at once. Throws `config.unwritable` after 5 s.
 */
export function lockConfigFile(file: string, time: Pick<LockOptions, 'now' | 'wait'> = {}): Promise<GatewayLock> {
  const refusal = (held: Held | undefined, lockFile: string) =>
    new AppError('config.unwritable', {
      message: `Another process${held?.owner ? ` (pid ${held.owner.pid})` : ''} has been writing ${file} for five seconds.`,
      hint: `Wait for it and try again. When nothing else writes the config, delete ${lockFile}.`,
      details: { path: file, lockFile },
    });
  return acquire(`${file}.lock`, { ...time, configPath: file, env: {}, pollMs: WRITE_POLL_MS }, refusal);
}
