// The sandboxes that exist, in `<stateDir>/sandbox/containers.json` in the layout of the reference, atomically written.
import path from 'node:path';
import { readJsonIfExists, writeJsonDurably } from '../shared/json-file.js';
import type { SandboxBackendId } from './plan/plan-types.js';

export interface SandboxEntry {
  containerName: string;
  backendId: SandboxBackendId;
  /** What shares it: a session key, `agent:<id>` or `shared`. */
  sessionKey: string;
  agentId: string;
  createdAtMs: number;
  lastUsedAtMs: number;
  /** Image, or the other computer. */
  image: string;
  configHash: string;
  /** True when its setup command has run to a good end, or it has none. */
  isSetUp: boolean;
}

/** How exact `lastUsedAtMs` is; a write for each tool call would be one too many. */
const TOUCH_MS = 60_000;

const isEntry = (value: unknown): value is SandboxEntry => {
  const entry = value as Partial<SandboxEntry> | null;
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.containerName === 'string' &&
    typeof entry.sessionKey === 'string' &&
    typeof entry.createdAtMs === 'number' &&
    typeof entry.lastUsedAtMs === 'number'
  );
};

/** An entry that the reference wrote lacks what only we record. */
function complete(entry: SandboxEntry): SandboxEntry {
  const agentId = entry.agentId ?? /^agent:([^:]+)/.exec(entry.sessionKey)?.[1] ?? 'main';
  return { ...entry, agentId, backendId: entry.backendId ?? 'docker', isSetUp: entry.isSetUp === true };
}

export class SandboxRegistry {
  readonly #file: string;
  /** One change after the other; the file is read anew for each, since the command line changes it too. */
  #queue: Promise<unknown> = Promise.resolve();

  readonly #touchedAtMs = new Map<string, number>();

  constructor(stateDir: string) {
    this.#file = path.join(stateDir, 'sandbox', 'containers.json');
  }

  async list(): Promise<SandboxEntry[]> {
    await this.#queue;
    return this.#read();
  }

  async #read(): Promise<SandboxEntry[]> {
    const stored = await readJsonIfExists<{ entries?: unknown }>(this.#file);
    return Array.isArray(stored?.entries) ? stored.entries.filter(isEntry).map(complete) : [];
  }

  async get(name: string): Promise<SandboxEntry | undefined> {
    return (await this.list()).find((entry) => entry.containerName === name);
  }

  #change(change: (entries: SandboxEntry[]) => SandboxEntry[] | undefined): Promise<void> {
    const work = this.#queue.then(async () => {
      const entries = change(await this.#read());
      if (entries) await writeJsonDurably(this.#file, { entries });
    });
    // A failed change is told to who asked for it, and does not stop the next.
    this.#queue = work.catch(() => undefined);
    return work;
  }

  put(entry: SandboxEntry): Promise<void> {
    return this.#change((entries) => [
      ...entries.filter(({ containerName }) => containerName !== entry.containerName),
      entry,
    ]);
  }

  drop(name: string): Promise<void> {
    return this.#change((entries) => entries.filter(({ containerName }) => containerName !== name));
  }

  /** Notes a use, at most once a minute. */
  async touch(name: string, nowMs: number): Promise<void> {
    if (nowMs - (this.#touchedAtMs.get(name) ?? -Infinity) < TOUCH_MS) return;
    this.#touchedAtMs.set(name, nowMs);
    await this.#change((entries) => {
      const entry = entries.find(({ containerName }) => containerName === name);
      if (!entry || nowMs - entry.lastUsedAtMs < TOUCH_MS) return undefined;
      return entries.map((other) => (other === entry ? { ...entry, lastUsedAtMs: nowMs } : other));
    });
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#queue;
  }
}
