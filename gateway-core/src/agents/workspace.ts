// The folder an agent lives in: where it is, what a new one contains, what of it goes into prompts.
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { expandHome, type OpenClawConfig, type StatePaths } from '../config/index.js';
import { AppError } from '../shared/app-error.js';
import { writeTextDurably } from '../shared/json-file.js';
import { defaultAgentId, listAgents } from './agent-list.js';
import { STARTER_FILES } from './starter-files.js';

/** The files that describe an agent to itself, in the order in which a prompt shows them. */
export const BOOTSTRAP_FILES = [
  'AGENTS.md',
  'SOUL.md',
  'TOOLS.md',
  'IDENTITY.md',
  'USER.md',
  'HEARTBEAT.md',
  'BOOTSTRAP.md',
  'MEMORY.md',
] as const;

export interface BootstrapFile {
  name: string;
  text: string;
  /** True when the file is longer than what `text` holds. */
  isCut: boolean;
}

/** Characters of one file, and of all together. */
export const BOOTSTRAP_LIMITS = { perFile: 20_000, total: 150_000 } as const;

/** The absolute workspace folder of an agent. */
export function agentWorkspaceDir(
  config: OpenClawConfig,
  paths: Pick<StatePaths, 'home' | 'stateDir' | 'defaultWorkspaceDir'>,
  agentId: string,
): string {
  const own = listAgents(config).find((agent) => agent.id === agentId)?.config?.workspace;
  if (own) return expandHome(own, paths.home);
  if (agentId !== defaultAgentId(config)) return path.join(paths.stateDir, `workspace-${agentId}`);
  const shared = config.agents?.defaults?.workspace;
  return shared ? expandHome(shared, paths.home) : paths.defaultWorkspaceDir;
}

function unwritable(folder: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return new AppError('state.unwritable', {
    message: `The workspace folder ${folder} could not be made (${code}).`,
    hint: 'Check its permissions, or choose another folder with agents.defaults.workspace.',
    cause,
  });
}

/** True when this call made the folder; making it is what decides who fills it. */
async function makeFolder(folder: string): Promise<boolean> {
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Makes a workspace with its starter files when the folder does not exist at all; touches nothing otherwise.
 * True when it was made. Throws AppError state.unwritable.
 */
export async function ensureWorkspace(folder: string): Promise<boolean> {
  try {
    if (!(await makeFolder(folder))) return false;
    for (const [name, text] of Object.entries(STARTER_FILES)) await writeTextDurably(path.join(folder, name), text);
    return true;
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * The file behind a name in the workspace; undefined when there is none, or when a link leads out of it. An agent in a
 * sandbox can make links, and what it may not read must not come to it through its own prompt.
 */
async function lookInside(folder: string, file: string): Promise<{ real: string; stats: Stats } | undefined> {
  try {
    const own = await lstat(file);
    if (!own.isSymbolicLink()) return own.isFile() ? { real: file, stats: own } : undefined;
    const [root, real] = await Promise.all([realpath(folder), realpath(file)]);
    if (!real.startsWith(root + path.sep)) return undefined;
    const stats = await stat(real);
    return stats.isFile() ? { real, stats } : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Whatever has come in the place of the file since it was looked at: a link is not followed, a pipe not waited for. */
async function readPlainFile(file: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  if (!handle) return '';
  try {
    return (await handle.stat()).isFile() ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

/** A burst of turns need not look at the files more often than this. */
const FRESH_MS = 250;

interface Remembered {
  mtimeMs: number;
  size: number;
  file: BootstrapFile;
}

/** Reads bootstrap files; one that did not change (time and size) is not read again. */
export class BootstrapReader {
  readonly #remembered = new Map<string, Remembered>();
  readonly #latest = new Map<string, { atMs: number; files: Promise<BootstrapFile[]> }>();
  readonly #ensured = new Set<string>();

  constructor(private readonly now: () => number = Date.now) {}

  /** `ensureWorkspace`, once for each folder. */
  async ensure(folder: string): Promise<void> {
    if (this.#ensured.has(folder)) return;
    await ensureWorkspace(folder);
    this.#ensured.add(folder);
  }

  /** The files that exist and are not blank, cut to the limits; as they were at most a quarter of a second ago. */
  async read(folder: string): Promise<BootstrapFile[]> {
    const latest = this.#latest.get(folder);
    if (latest && this.now() - latest.atMs < FRESH_MS) return latest.files;
    const files = this.#readAll(folder);
    this.#latest.set(folder, { atMs: this.now(), files });
    try {
      return await files;
    } catch (error) {
      this.#latest.delete(folder);
      throw error;
    }
  }

  async #readAll(folder: string): Promise<BootstrapFile[]> {
    const found = await Promise.all(BOOTSTRAP_FILES.map((name) => this.#readOne(folder, name)));
    let left: number = BOOTSTRAP_LIMITS.total;
    const files: BootstrapFile[] = [];
    for (const file of found) {
      if (!file || left <= 0) continue;
      const text = file.text.slice(0, left);
      left -= text.length;
      files.push(text.length === file.text.length ? file : { ...file, text, isCut: true });
    }
    return files;
  }

  async #readOne(folder: string, name: string): Promise<BootstrapFile | undefined> {
    const file = path.join(folder, name);
    const found = await lookInside(folder, file);
    if (!found) {
      this.#remembered.delete(file);
      return undefined;
    }
    const { real, stats } = found;
    const known = this.#remembered.get(file);
    if (known && known.mtimeMs === stats.mtimeMs && known.size === stats.size) return shown(known.file);
    const whole = (await readPlainFile(real)).trim();
    const text = whole.slice(0, BOOTSTRAP_LIMITS.perFile);
    const read = { name, text, isCut: text.length < whole.length };
    this.#remembered.set(file, { mtimeMs: stats.mtimeMs, size: stats.size, file: read });
    return shown(read);
  }
}

function shown(file: BootstrapFile): BootstrapFile | undefined {
  return file.text === '' ? undefined : file;
}
