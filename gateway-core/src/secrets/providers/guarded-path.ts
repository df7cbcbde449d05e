// Files that hold or print secrets: who may own them, who may read or change them.
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { failed, found, type Outcome } from '../outcome.js';

/** The account and system the gateway runs on. */
export interface Account {
  platform: NodeJS.Platform;
  /** Undefined where accounts have no number. */
  uid: number | undefined;
}

/** The account of this process. */
export function currentAccount(): Account {
  return { platform: process.platform, uid: process.getuid?.() };
}

export interface ReadLimits {
  maxBytes: number;
  allowInsecurePath: boolean;
}

const OTHERS_MAY_ANYTHING = 0o077;
const OTHERS_MAY_WRITE = 0o022;
const WINDOWS_RIGHTS =
  'access rights cannot be checked on Windows; set allowInsecurePath when you know that only you can change it';

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Why a file is open to others; `forbidden` are the permission bits that must not be set. */
export function accessFault(
  stats: Pick<Stats, 'mode' | 'uid'>,
  account: Account,
  forbidden: number,
): string | undefined {
  if (account.platform === 'win32') return WINDOWS_RIGHTS;
  if (account.uid !== undefined && stats.uid !== account.uid && stats.uid !== 0) {
    return `it belongs to another account (uid ${stats.uid})`;
  }
  const open = stats.mode & forbidden;
  if (open === 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(3, '0');
  return forbidden === OTHERS_MAY_WRITE
    ? `other accounts can change it (mode ${mode}); run chmod go-w on it`
    : `other accounts can reach it (mode ${mode}); run chmod 600 on it`;
}

function fileFault(stats: Stats, account: Account, limits: ReadLimits): string | undefined {
  if (stats.isSymbolicLink()) return 'it is a symbolic link';
  if (!stats.isFile()) return 'it is not a regular file';
  const fault = limits.allowInsecurePath ? undefined : accessFault(stats, account, OTHERS_MAY_ANYTHING);
  if (fault !== undefined) return fault;
  return stats.size > limits.maxBytes ? `it is larger than ${limits.maxBytes} bytes` : undefined;
}

async function readLimited(handle: FileHandle, maxBytes: number): Promise<Outcome<Buffer>> {
  // One byte more than allowed shows a file that grew after it was measured.
  const buffer = Buffer.alloc(Math.min(maxBytes, (await handle.stat()).size) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return found(buffer.subarray(0, length));
    length += bytesRead;
    if (length === buffer.length) return failed('it changed while it was read, or is too large');
  }
}

function decode(bytes: Buffer): Outcome<string> {
  try {
    return found(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return failed('it is not UTF-8 text');
    throw error;
  }
}

async function readChecked(file: string, account: Account, limits: ReadLimits): Promise<Outcome<string>> {
  // Looked at before it is opened: opening a pipe would wait for its other end.
  const before = limits.allowInsecurePath ? await stat(file) : await lstat(file);
  const fault = fileFault(before, account, limits);
  if (fault !== undefined) return failed(fault);
  const noFollow = limits.allowInsecurePath ? 0 : (constants.O_NOFOLLOW ?? 0);
  const handle = await open(file, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
  try {
    // Looked at again: another file may stand there by now.
    const opened = fileFault(await handle.stat(), account, limits);
    if (opened !== undefined) return failed(opened);
    const bytes = await readLimited(handle, limits.maxBytes);
    return bytes.ok ? decode(bytes.value) : bytes;
  } finally {
    await handle.close();
  }
}

/** The text of a file that only its owner can reach. `reason` is the end of a sentence about the file. */
export async function readGuardedFile(file: string, account: Account, limits: ReadLimits): Promise<Outcome<string>> {
  try {
    return await readChecked(file, account, limits);
  } catch (error) {
    const code = errorCode(error);
    return failed(code === 'ENOENT' ? 'it does not exist' : `it cannot be read (${code})`);
  }
}

export interface CommandRules {
  trustedDirs: readonly string[];
  allowSymlinkCommand: boolean;
  allowInsecurePath: boolean;
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative);
}

async function realFolder(folder: string): Promise<string | undefined> {
  try {
    return await realpath(folder);
  } catch (error) {
    // A folder that is not there holds no command.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function isTrusted(file: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const real = path.isAbsolute(folder) ? await realFolder(folder) : undefined;
    if (real !== undefined && isInside(file, real)) return true;
  }
  return false;
}

async function checkCommand(command: string, account: Account, rules: CommandRules): Promise<Outcome<string>> {
  const link = (await lstat(command)).isSymbolicLink();
  if (link && !rules.allowSymlinkCommand) return failed('it is a symbolic link; set allowSymlinkCommand to allow that');
  const real = await realpath(command);
  const stats = await stat(real);
  if (!stats.isFile()) return failed('it is not a regular file');
  const fault = rules.allowInsecurePath ? undefined : accessFault(stats, account, OTHERS_MAY_WRITE);
  if (fault !== undefined) return failed(fault);
  if (rules.trustedDirs.length > 0 && !(await isTrusted(real, rules.trustedDirs))) {
    return failed(`${real} is outside trustedDirs`);
  }
  return found(real);
}

/** The real path of a command that only its owner can change. `reason` is the end of a sentence about it. */
export async function checkCommandPath(
  command: string,
  account: Account,
  rules: CommandRules,
): Promise<Outcome<string>> {
  if (!path.isAbsolute(command)) return failed('its path is not absolute');
  try {
    return await checkCommand(command, account, rules);
  } catch (error) {
    const code = errorCode(error);
    return failed(code === 'ENOENT' ? 'it does not exist' : `it cannot be looked at (${code})`);
  }
}
