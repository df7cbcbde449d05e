// Process groups: who is alive in one, and ending all of it.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from '../shared/spawn.js';

export interface ProcessFacts {
  pid: number;
  group: number;
  session: number;
  isZombie: boolean;
  /** Clock ticks since the computer started; with the pid it names one process for good. */
  startTicks: string;
}

/** Facts of a process from Linux' /proc; undefined elsewhere, or when there is no such process. */
export function processFacts(pid: number): ProcessFacts | undefined {
  if (process.platform !== 'linux') return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // It ended; that is an answer too.
    return undefined;
  }
  // The name in brackets may hold anything, brackets and spaces included.
  const [state = '', , group, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const isZombie = state === 'Z' || state === 'X';
  return { pid, group: Number(group), session: Number(session), isZombie, startTicks: rest[15] ?? '' };
}

/** Processes of a session or group that are more than a name waiting to be collected. */
export function membersOf(group: number): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processFacts(Number(name)))
    .filter((facts) => facts !== undefined)
    .filter((facts) => !facts.isZombie && (facts.group === group || facts.session === group));
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // EPERM: it is there, but belongs to another user now.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isRunning(pid: number): boolean {
  if (process.platform !== 'linux') return trySignal(pid, 0);
  const facts = processFacts(pid);
  return facts !== undefined && !facts.isZombie;
}

/** True while anything in the group of `leader` runs, or in its session, where a shell gives each job a group. */
export function isGroupAlive(leader: number): boolean {
  // A program that was started a moment ago may not have made its group yet. A group of processes that ended, but were
  // not collected, still takes signals.
  if (process.platform === 'linux') return isRunning(leader) || membersOf(leader).length > 0;
  return (process.platform !== 'win32' && trySignal(-leader, 0)) || isRunning(leader);
}

async function endTree(pid: number, isForced: boolean): Promise<void> {
  const force = isForced ? ['/F'] : [];
  await runProgram('taskkill', ['/PID', String(pid), '/T', ...force], { timeoutMs: 10_000 }).catch(() => {
    // It ended by itself in between; whoever calls looks again.
  });
}

/** Sends a signal to everything in the group and, where that can be told, in its session. */
export async function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (process.platform === 'win32') return endTree(leader, signal === 'SIGKILL');
  // Looked for first: what ends with its leader is found by it no more.
  const others = process.platform === 'linux' ? membersOf(leader).filter(({ group }) => group !== leader) : [];
  if (!trySignal(-leader, signal)) trySignal(leader, signal);
  for (const { pid } of others) trySignal(pid, signal);
}

export interface EndOptions {
  /** How long it may take to end by itself. */
  graceMs: number;
  killInside?: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

const LOOK_EVERY_MS = 25;
/** After SIGKILL only the system itself can hold a process back. */
const AFTER_KILL_MS = 2_000;

// Real time, and a timer that keeps this process alive: leaving before the children are gone would orphan them.
async function isGoneWithin(leader: number, ms: number): Promise<boolean> {
  for (let left = ms; isGroupAlive(leader); left -= LOOK_EVERY_MS) {
    if (left <= 0) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}

async function send(leader: number, signal: 'SIGTERM' | 'SIGKILL', { killInside }: EndOptions): Promise<void> {
  await Promise.all([
    signalGroup(leader, signal),
    // The sandbox may be gone already, and with it what ran inside.
    killInside?.(signal).catch(() => undefined),
  ]);
}

/** SIGTERM, time to end, then SIGKILL. Resolves with false when something still runs. */
export async function endGroup(leader: number, options: EndOptions): Promise<boolean> {
  await send(leader, 'SIGTERM', options);
  if (await isGoneWithin(leader, options.graceMs)) return true;
  await send(leader, 'SIGKILL', options);
  return isGoneWithin(leader, AFTER_KILL_MS);
}
