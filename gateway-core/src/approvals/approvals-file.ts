// exec-approvals.json: what commands need no asking, guarded by a hash against lost changes.
import { createHash, randomUUID } from 'node:crypto';
import { ApprovalsFile, fits } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { readTextIfExists, writeJsonDurably } from '../shared/json-file.js';

export interface ApprovalsSnapshot {
  path: string;
  exists: boolean;
  /** SHA-256 hex of the file's text; of the empty text when there is none. */
  hash: string;
  file: ApprovalsFile;
}

function refuse(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function hashOf(text: string | undefined): string {
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex');
}

function parse(text: string | undefined, path: string): ApprovalsFile {
  if (text === undefined || text.trim() === '') return { version: 1 };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('state.unreadable', { message: `${path} is not valid JSON.`, cause: error });
  }
  if (fits(ApprovalsFile, value)) return value as ApprovalsFile;
  throw new AppError('state.unreadable', {
    message: `${path} does not hold exec approvals as this version knows them.`,
  });
}

/** Every entry of an allowlist has an id, so that clients can change one of them. */
function withIds(file: ApprovalsFile): ApprovalsFile {
  const agents = Object.entries(file.agents ?? {}).map(([id, agent]) => {
    const allowlist = agent.allowlist?.map((entry) => ({ ...entry, id: entry.id ?? randomUUID() }));
    return [id, { ...agent, ...(allowlist && { allowlist }) }] as const;
  });
  return { ...file, defaults: file.defaults ?? {}, agents: Object.fromEntries(agents) };
}

/** As clients see it: the token of the socket stays here. */
function shown(file: ApprovalsFile): ApprovalsFile {
  const { socket, ...rest } = file;
  return {
    ...(socket?.path !== undefined && { socket: { path: socket.path } }),
    ...rest,
    defaults: rest.defaults ?? {},
    agents: rest.agents ?? {},
  };
}

function checkBase(text: string | undefined, baseHash: string | undefined): void {
  if (text === undefined) return;
  if (baseHash === undefined) {
    throw refuse('exec approvals base hash required; re-run exec.approvals.get and retry');
  }
  if (baseHash !== hashOf(text)) {
    throw refuse('exec approvals changed since last load; re-run exec.approvals.get and retry');
  }
}

/** The only reader and writer of the file in this process; changes happen one after another. */
export class ApprovalsFileStore {
  readonly #path: string;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws AppError state.unreadable. */
  async read(): Promise<ApprovalsSnapshot> {
    const text = await readTextIfExists(this.#path);
    return this.#snapshot(text);
  }

  /** Replaces the file. `baseHash` must be that of the file as it is. Throws AppError request.invalid. */
  write(file: ApprovalsFile, baseHash: string | undefined): Promise<ApprovalsSnapshot> {
    const changed = this.#changing.then(() => this.#replace(file, baseHash));
    // Whoever comes next does not care how this one ended.
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  /**
   * Changes the file as it is at that moment. `edit` gets it without the token of the socket; undefined leaves it
   * alone. Throws AppError state.unreadable.
   */
  change(edit: (file: ApprovalsFile) => ApprovalsFile | undefined): Promise<void> {
    const changed = this.#changing.then(() => this.#edit(edit));
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  async #edit(edit: (file: ApprovalsFile) => ApprovalsFile | undefined): Promise<void> {
    const text = await readTextIfExists(this.#path);
    const next = edit(shown(parse(text, this.#path)));
    if (next) await this.#replace(next, hashOf(text));
  }

  async #replace(file: ApprovalsFile, baseHash: string | undefined): Promise<ApprovalsSnapshot> {
    const text = await readTextIfExists(this.#path);
    checkBase(text, baseHash);
    const current = parse(text, this.#path);
    const socket = { ...current.socket, ...file.socket };
    const next = withIds({ ...file, ...(Object.keys(socket).length > 0 && { socket }) });
    await writeJsonDurably(this.#path, next);
    return this.#snapshot(await readTextIfExists(this.#path));
  }

  #snapshot(text: string | undefined): ApprovalsSnapshot {
    const file = shown(parse(text, this.#path));
    return { path: this.#path, exists: text !== undefined, hash: hashOf(text), file };
  }
}
