// The files of a sandbox, touched by programs inside it: whatever the guest prepared, they reach what it reaches.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import type { CommandRequest, FileFacts, HostCommand, WorkplaceFiles } from '../../tools/index.js';
import {
  FILE_EXIT,
  LIST_SCRIPT,
  MOVE_SCRIPT,
  READ_SCRIPT,
  REMOVE_SCRIPT,
  RESOLVE_SCRIPT,
  STAT_SCRIPT,
  FORGET_SCRIPT,
  WRITE_SCRIPT,
} from './file-scripts.js';
import { lastWords, type ProcessEnd, runProcess } from './process-run.js';

export interface GuestFilesOptions {
  name: string;
  workdir: string;
  /** Folders inside that may be read, the workspace among them. */
  readable: readonly string[];
  /** Those of them that may be written. */
  writable: readonly string[];
  command(request: CommandRequest): Promise<HostCommand>;
  clock: Clock;
}

const TIMEOUT_MS = 60_000;
const MAX_READ_BYTES = 64 * 1024 * 1024;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const KINDS: Record<string, FileFacts['kind']> = { d: 'folder', f: 'file' };

interface Call {
  script: string;
  args: readonly string[];
  path: string;
  input?: Buffer;
  maxBytes?: number;
  signal?: AbortSignal;
}

const isBelow = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

function outside(file: string, workdir: string): AppError {
  return new AppError('tool.path_outside', {
    message: `"${file}" is outside the workspace of this sandbox.`,
    hint: `Use a path inside ${workdir}.`,
  });
}

const SENTENCES: Record<number, (file: string) => AppError> = {
  [FILE_EXIT.notFolder]: (file) =>
    new AppError('tool.file_missing', { message: `"${file}" leads through something that is not a folder.` }),
  [FILE_EXIT.missing]: (file) => new AppError('tool.file_missing', { message: `"${file}" does not exist.` }),
  [FILE_EXIT.notFile]: (file) => new AppError('tool.file_missing', { message: `"${file}" is not a file.` }),
  [FILE_EXIT.taken]: (file) => new AppError('tool.path_outside', { message: `"${file}" exists and is a folder.` }),
};

/** `2026-11-21 07:11:00.123456789 +0000` → 123 */
function fraction(text: string): number {
  return Math.trunc(Number(`0${/\.\d+/.exec(text)?.[0] ?? ''}`) * 1000);
}

class GuestFiles implements WorkplaceFiles {
  constructor(private readonly options: GuestFilesOptions) {}

  /** The absolute path inside, or a refusal before anything runs. */
  #absolute(file: string, use: 'read' | 'write'): string {
    const { workdir, readable, writable, name } = this.options;
    if (file === '' || /[\0\n\r]/.test(file)) {
      throw new AppError('tool.path_outside', { message: 'A path is empty or holds a line break.' });
    }
    const absolute = path.posix.resolve(workdir, file);
    if (!readable.some((root) => isBelow(absolute, root))) throw outside(file, workdir);
    if (use === 'read' || writable.some((root) => isBelow(absolute, root))) return absolute;
    throw new AppError('tool.path_outside', {
      message: `"${file}" is read-only in the sandbox ${name}.`,
      hint: 'Set workspaceAccess to "rw" to let the sandbox write.',
    });
  }

  #fault(end: ProcessEnd, call: Call): AppError {
    const { workdir, name } = this.options;
    if (call.signal?.aborted) throw call.signal.reason;
    if (end.code === FILE_EXIT.outside) return outside(call.path, workdir);
    const known = SENTENCES[end.code ?? 0];
    if (known) return known(call.path);
    const words = end.cut === 'timed-out' ? 'it took too long' : lastWords(end) || `code ${end.code}`;
    return new AppError('sandbox.failed', { message: `The sandbox ${name} could not handle "${call.path}": ${words}` });
  }

  async #run(call: Call): Promise<Buffer> {
    call.signal?.throwIfAborted();
    const command = await this.options.command({
      argv: ['/bin/sh', '-c', call.script, 'sh', ...call.args],
      cwd: '/',
    });
    const end = await runProcess({
      command,
      input: call.input ?? '',
      maxBytes: call.maxBytes ?? MAX_TEXT_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal: call.signal,
      clock: this.options.clock,
    });
    if (end.code === 0 && !end.cut) return end.stdout;
    throw this.#fault(end, call);
  }

  async resolve(file: string, use: 'read' | 'write'): Promise<string> {
    const absolute = this.#absolute(file, use);
    const found = await this.#run({ script: RESOLVE_SCRIPT, args: [absolute, ...this.#roots(use)], path: file });
    return found.toString('utf8');
  }

  #roots(use: 'read' | 'write'): readonly string[] {
    return use === 'read' ? this.options.readable : this.options.writable;
  }

  async read(file: string, options: { maxBytes?: number; signal?: AbortSignal } = {}): Promise<Buffer> {
    const absolute = this.#absolute(file, 'read');
    const limit = Math.min(options.maxBytes ?? MAX_READ_BYTES, MAX_READ_BYTES);
    const data = await this.#run({
      script: READ_SCRIPT,
      args: [String(limit + 1), absolute, ...this.options.readable],
      path: file,
      maxBytes: limit + 1,
      signal: options.signal,
    });
    if (data.length <= limit) return data;
    throw new AppError('tool.file_too_large', { message: `"${file}" is larger than ${limit} bytes.` });
  }

  async write(file: string, data: Buffer, options: { signal?: AbortSignal } = {}): Promise<void> {
    const absolute = this.#absolute(file, 'write');
    const id = randomBytes(6).toString('hex');
    const { writable } = this.options;
    try {
      await this.#run({
        script: WRITE_SCRIPT,
        args: [String(data.length), id, absolute, ...writable],
        path: file,
        input: data,
        signal: options.signal,
      });
    } catch (error) {
      // A program that was killed removes nothing; this write's own error is what the caller hears.
      const forgetting = this.#run({ script: FORGET_SCRIPT, args: [id, absolute, ...writable], path: file });
      await forgetting.catch(() => undefined);
      throw error;
    }
  }

  async stat(file: string): Promise<FileFacts | undefined> {
    const absolute = this.#absolute(file, 'read');
    const args = [absolute, ...this.options.readable];
    const text = (await this.#run({ script: STAT_SCRIPT, args, path: file })).toString('utf8');
    const [letter = '', facts = ''] = text.split('\n');
    const [size, seconds, ...time] = facts.split(' ');
    if (letter === '') return undefined;
    const mtimeMs = Number(seconds) * 1000 + fraction(time.join(' '));
    return { kind: KINDS[letter] ?? 'other', size: Number(size), mtimeMs };
  }

  async list(file: string): Promise<Array<{ name: string; kind: FileFacts['kind'] }>> {
    const absolute = this.#absolute(file, 'read');
    const text = await this.#run({ script: LIST_SCRIPT, args: [absolute, ...this.options.readable], path: file });
    const entries = text.toString('utf8').split('\0').slice(0, -1);
    return entries.map((entry) => ({ name: entry.slice(1), kind: KINDS[entry.slice(0, 1)] ?? 'other' }));
  }

  async remove(file: string): Promise<void> {
    const absolute = this.#absolute(file, 'write');
    await this.#run({ script: REMOVE_SCRIPT, args: [absolute, ...this.options.writable], path: file });
  }

  async move(from: string, to: string): Promise<void> {
    const ends = [this.#absolute(from, 'write'), this.#absolute(to, 'write')];
    await this.#run({ script: MOVE_SCRIPT, args: [...ends, ...this.options.writable], path: from });
  }
}

/** Files of a box. Throws AppError tool.path_outside, tool.file_missing, tool.file_too_large, sandbox.failed. */
export function createGuestFiles(options: GuestFilesOptions): WorkplaceFiles {
  return new GuestFiles(options);
}
