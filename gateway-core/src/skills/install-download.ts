// Downloads what a skill needs into its own tools folder: checked and unpacked elsewhere first, then moved in place.
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../shared/app-error.js';
import { ensureFolder, moveAside, writeChunksDurably } from '../shared/json-file.js';
import type { DownloadOption } from './download-option.js';
import { fileNameOf, isInstaller } from './install-command.js';
import { unpack } from './unpack/unpack.js';

/**
 * The bytes behind an address that a skill names, as they come. It must open https addresses of the public web only,
 * on every hop, and keep to `maxBytes` and `timeoutMs`.
 */
export type FetchChunks = (
  address: string,
  options: { timeoutMs: number; maxBytes: number; signal: AbortSignal; onLength: (bytes: number) => void },
) => AsyncIterable<Uint8Array>;

export interface DownloadProgress {
  receivedBytes: number;
  /** When the address says so. */
  totalBytes?: number;
}

export interface DownloadJob {
  address: string;
  option: DownloadOption;
  /** Name of the skill; it is safe as the name of a folder. */
  skill: string;
  stateDir: string;
  fetchChunks: FetchChunks;
  timeoutMs: number;
  signal: AbortSignal;
  /** Environment of programs that help to unpack. */
  env: Readonly<Record<string, string>>;
  onProgress: (progress: DownloadProgress) => void;
}

export const MAX_DOWNLOAD_BYTES = 512 * 1_048_576;
/** No skill can have such a name. */
const STAGING = '.new-';

function refused(message: string): AppError {
  return new AppError('skill.install_refused', { message });
}

/** The bytes as they come; throws at their end when they are not those that the skill was made with. */
async function* checked(job: DownloadJob): AsyncGenerator<Uint8Array> {
  const { address, option, fetchChunks, timeoutMs, signal, onProgress } = job;
  const hash = createHash('sha256');
  let [receivedBytes, totalBytes]: [number, number | undefined] = [0, undefined];
  const onLength = (bytes: number): void => void (totalBytes = bytes);
  for await (const chunk of fetchChunks(address, { timeoutMs, maxBytes: MAX_DOWNLOAD_BYTES, signal, onLength })) {
    signal.throwIfAborted();
    hash.update(chunk);
    receivedBytes += chunk.length;
    onProgress({ receivedBytes, ...(totalBytes !== undefined && { totalBytes }) });
    yield chunk;
  }
  if (option.sha256 !== undefined && hash.digest('hex') !== option.sha256) {
    throw new AppError('skill.install_failed', {
      message: 'The download is not the file that the skill was made for (its SHA-256 is another).',
      hint: 'Do not use it. Tell whoever made the skill.',
    });
  }
}

/** Makes the folders of `targetDir` one by one; a link among them could lead out of the skill's own folder. */
async function openTarget(root: string, targetDir: string | undefined): Promise<string> {
  await ensureFolder(root);
  let folder = root;
  for (const part of ['.', ...(targetDir?.split('/') ?? [])]) {
    folder = path.join(folder, part);
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw refused(`${folder} is not a folder.`);
  }
  return folder;
}

/** Puts everything of `from` into `to`, in place of what has the same name there; puts back what was, if it fails. */
async function moveInto(from: string, to: string, old: string): Promise<void> {
  const moved: string[] = [];
  const kept: string[] = [];
  try {
    for (const name of await readdir(from)) {
      if (await moveAside(path.join(to, name), path.join(old, name))) kept.push(name);
      await moveAside(path.join(from, name), path.join(to, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) await rm(path.join(to, name), { recursive: true, force: true });
    for (const name of kept) await moveAside(path.join(old, name), path.join(to, name));
    throw error;
  }
}

/** What a killed gateway left; one installation runs at a time. */
async function removeLeftovers(tools: string): Promise<void> {
  const names = (await readdir(tools)).filter((name) => name.startsWith(STAGING));
  for (const name of names) await rm(path.join(tools, name), { recursive: true, force: true });
}

/** The new contents, in a folder of their own. */
async function stage(job: DownloadJob, staging: string): Promise<string> {
  const { address, option, env, signal } = job;
  const { archive, stripComponents: strip } = option;
  const ready = path.join(staging, 'ready');
  if (archive === undefined) {
    const name = fileNameOf(address);
    if (name === undefined) throw refused('The address ends in no name that a file could have.');
    if (isInstaller(name)) throw refused('Installers are not downloaded: only programs, files and archives.');
    await writeChunksDurably(path.join(ready, name), checked(job), { mode: 0o700 });
    return ready;
  }
  const file = path.join(staging, 'archive');
  await writeChunksDurably(file, checked(job));
  await unpack({ file, kind: archive, folder: ready, strip, env, signal });
  return ready;
}

/**
 * Downloads, checks and installs; the folder in which it is now: `<stateDir>/tools/<skill>[/<targetDir>]`. Throws
 * AppError skill.install_refused and skill.install_failed, what `fetchChunks` throws, or the reason of `signal`; then
 * what was there before is still there.
 */
export async function installDownload(job: DownloadJob): Promise<string> {
  const tools = path.join(job.stateDir, 'tools');
  await ensureFolder(tools);
  await removeLeftovers(tools);
  // The state folder itself may be reached over a link of the user's.
  const real = await realpath(tools);
  const staging = path.join(real, `${STAGING}${randomUUID()}`);
  try {
    const ready = await stage(job, staging);
    const target = await openTarget(path.join(real, job.skill), job.option.targetDir);
    await moveInto(ready, target, path.join(staging, 'old'));
    return target;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
