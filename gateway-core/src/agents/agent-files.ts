// The files that describe an agent, read and written for clients; never anything outside its workspace.
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { AgentFile } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { writeTextDurably } from '../shared/json-file.js';
import { BOOTSTRAP_FILES } from './workspace.js';

const OLD_MEMORY = 'memory.md';
const NAMES: ReadonlySet<string> = new Set([...BOOTSTRAP_FILES, OLD_MEMORY]);
/** Far more than a prompt can hold. */
export const MAX_AGENT_FILE_BYTES = 2 * 1024 * 1024;

function refuse(message: string, hint?: string): AppError {
  return new AppError('request.invalid', { message, hint });
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** The real path of a file that exists, when it is a plain file inside the workspace; undefined when there is none. */
async function locate(workspace: string, name: string): Promise<string | undefined> {
  const file = path.join(workspace, name);
  try {
    await lstat(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const real = await realpath(file).catch((error: unknown) => {
    // A link that leads nowhere: writing through it would make a file who knows where.
    if (isMissing(error)) return undefined;
    throw error;
  });
  const stats = real === undefined ? undefined : await lstat(real);
  const isSafe = real !== undefined && stats?.isFile() && isInside(await realpath(workspace), real);
  if (!isSafe)
    throw refuse(`unsafe workspace file "${name}"`, 'It is a link that leaves the workspace, or no plain file.');
  return real;
}

/** Refuses every name that is none of the agent's own files. Throws AppError request.invalid. */
export function checkAgentFileName(name: string): void {
  if (!NAMES.has(name)) throw refuse(`unsupported file "${name}"`);
}

async function describe(workspace: string, name: string): Promise<AgentFile> {
  const shown = { name, path: path.join(workspace, name) };
  const real = await locate(workspace, name);
  if (real === undefined) return { ...shown, missing: true };
  const { size, mtimeMs } = await lstat(real);
  return { ...shown, missing: false, size, updatedAtMs: Math.floor(mtimeMs) };
}

/** One file without its content; one that may not be read counts as missing. */
async function describeSafely(workspace: string, name: string): Promise<AgentFile> {
  try {
    return await describe(workspace, name);
  } catch (error) {
    if (error instanceof AppError) return { name, path: path.join(workspace, name), missing: true };
    throw error;
  }
}

/** Every file an agent may have, there or not. */
export async function listAgentFiles(workspace: string): Promise<AgentFile[]> {
  const files = await Promise.all(BOOTSTRAP_FILES.map((name) => describeSafely(workspace, name)));
  const memory = files.find(({ name }) => name === 'MEMORY.md');
  if (memory && !memory.missing) return files;
  const old = await describeSafely(workspace, OLD_MEMORY);
  return old.missing ? files : [...files.filter((file) => file !== memory), old];
}

/** One file with its content. Throws AppError request.invalid. */
export async function readAgentFile(workspace: string, name: string): Promise<AgentFile> {
  checkAgentFileName(name);
  const file = await describe(workspace, name);
  if (file.missing) return file;
  if ((file.size ?? 0) > MAX_AGENT_FILE_BYTES) {
    throw refuse(`file "${name}" is too large`, `It may have ${MAX_AGENT_FILE_BYTES} bytes.`);
  }
  return { ...file, content: await readFile((await locate(workspace, name)) ?? file.path, 'utf8') };
}

/** Replaces one file; on disk when it resolves. Throws AppError request.invalid. */
export async function writeAgentFile(workspace: string, name: string, content: string): Promise<AgentFile> {
  checkAgentFileName(name);
  if (Buffer.byteLength(content) > MAX_AGENT_FILE_BYTES) {
    throw refuse(`file "${name}" is too large`, `It may have ${MAX_AGENT_FILE_BYTES} bytes.`);
  }
  const target = (await locate(workspace, name)) ?? path.join(workspace, name);
  await writeTextDurably(target, content);
  return { ...(await describe(workspace, name)), content };
}
