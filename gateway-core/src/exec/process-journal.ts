// A note for every process that runs, so that the next start can end what a killed gateway left behind.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../shared/logger.js';
import { endGroup, isGroupAlive, membersOf, processFacts } from './process-group.js';

interface Note {
  pid: number;
  startTicks: string;
}

export interface Noted {
  /** True while something of the group runs, and it is the one that was noted. */
  isAlive(): boolean;
  forget(): void;
}

const NOTE = /^(\d+)\.(\d+)$/;
const REAP_GRACE_MS = 2_000;

/** True for a process that the exec tool started, or a child of one. */
function hasOurMark(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes('OPENCLAW_SHELL=exec');
  } catch {
    // Another user's, or gone: not ours to end.
    return false;
  }
}

/** True when the group of a note is the one that was started, and not a later one with the same number. */
function isSurvivor({ pid, startTicks }: Note): boolean {
  const leader = processFacts(pid);
  if (leader && !leader.isZombie) return leader.startTicks === startTicks;
  // The leader ended, its children did not: its number cannot have been given to another process since.
  return membersOf(pid).some((member) => BigInt(member.startTicks) >= BigInt(startTicks) && hasOurMark(member.pid));
}

export class ProcessJournal {
  readonly #folder: string;
  #isMade = false;

  /** `folder` holds nothing but notes. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Notes a process. In one breath with its start: nothing may run before the note is there. Does nothing where a
   * process cannot be told from a later one with the same number.
   */
  note(pid: number): Noted {
    const facts = processFacts(pid);
    if (!facts) return { isAlive: () => isGroupAlive(pid), forget: () => undefined };
    if (!this.#isMade) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#isMade = true;
    // An empty file: its name says it all, so nothing of it can be half written.
    const file = path.join(this.#folder, `${pid}.${facts.startTicks}`);
    closeSync(openSync(file, 'w', 0o600));
    const note = { pid, startTicks: facts.startTicks };
    return { isAlive: () => isGroupAlive(pid) && isSurvivor(note), forget: () => rmSync(file, { force: true }) };
  }

  /** Ends what an earlier gateway left running, and forgets it. Resolves with how many groups there were. */
  async reap(log: Logger): Promise<number> {
    const names = await readdir(this.#folder).catch(() => []);
    const ends = await Promise.all(names.map((name) => this.#reapOne(name, log)));
    return ends.filter(Boolean).length;
  }

  async #reapOne(name: string, log: Logger): Promise<boolean> {
    const [, pid, startTicks] = NOTE.exec(name) ?? [];
    if (pid === undefined || startTicks === undefined) return false;
    const note = { pid: Number(pid), startTicks };
    const survives = process.platform === 'linux' && isGroupAlive(note.pid) && isSurvivor(note);
    if (survives) {
      const isGone = await endGroup(note.pid, { graceMs: REAP_GRACE_MS });
      log.warn('A command of an earlier run was still there and was ended.', { pid: note.pid, isGone });
    }
    await rm(path.join(this.#folder, name), { force: true });
    return survives;
  }
}
