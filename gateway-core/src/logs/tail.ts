// Reads the end of a log file, or what came after a cursor (spec/gateway-protocol.md §7.1).
import { type FileHandle, open } from 'node:fs/promises';
import type { LogsTailResult } from '../protocol/index.js';

const NEW_LINE = 0x0a;
const DEFAULT_LIMIT = 500;
const DEFAULT_MAX_BYTES = 250_000;

export interface TailRequest {
  cursor?: number;
  limit?: number;
  maxBytes?: number;
}

interface Window {
  start: number;
  length: number;
  reset: boolean;
  /** Reading on from a cursor: nothing may be skipped. */
  forward: boolean;
}

/** Which bytes to look at. A cursor behind the end means that the file was replaced. */
export function chooseWindow(size: number, request: TailRequest): Window {
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
  const { cursor } = request;
  if (cursor !== undefined && cursor <= size) {
    return { start: cursor, length: Math.min(maxBytes, size - cursor), reset: false, forward: true };
  }
  const start = Math.max(0, size - maxBytes);
  return { start, length: size - start, reset: cursor !== undefined, forward: false };
}

/** Whole lines in `bytes` with the offset behind each; `wholeStart` is false when the first line began earlier. */
function wholeLines(bytes: Buffer, wholeStart: boolean): Array<{ text: string; end: number }> {
  const lines: Array<{ text: string; end: number }> = [];
  let from = 0;
  if (!wholeStart) {
    const first = bytes.indexOf(NEW_LINE);
    if (first < 0) return [];
    from = first + 1;
  }
  for (let to = bytes.indexOf(NEW_LINE, from); to >= 0; to = bytes.indexOf(NEW_LINE, from)) {
    lines.push({ text: bytes.toString('utf8', from, to), end: to + 1 });
    from = to + 1;
  }
  return lines;
}

async function readBytes(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

interface Cut {
  lines: string[];
  cursor: number;
  truncated: boolean;
}

/**
 * From a cursor: the first `limit` lines, and a cursor behind them, so that following loses nothing.
 * `full`: the file goes on behind the window.
 */
function cutForward(bytes: Buffer, source: { start: number; wholeStart: boolean; full: boolean }, limit: number): Cut {
  const all = wholeLines(bytes, source.wholeStart);
  const kept = all.filter((line) => line.text !== '').slice(0, limit);
  const lines = kept.map((line) => line.text);
  const lastBreak = bytes.lastIndexOf(NEW_LINE);
  if (kept.length === limit) return { lines, cursor: source.start + (kept.at(-1)?.end ?? 0), truncated: false };
  if (lastBreak >= 0) return { lines, cursor: source.start + lastBreak + 1, truncated: false };
  // A line longer than the window would hold the reader forever; it is skipped, and said so.
  return { lines, cursor: source.start + (source.full ? bytes.length : 0), truncated: source.full };
}

/** Without a cursor: the last `limit` lines of the window. */
function cutBackward(bytes: Buffer, window: Window, wholeStart: boolean, limit: number): Cut {
  const lines = wholeLines(bytes, wholeStart).map((line) => line.text);
  const cursor = window.start + bytes.lastIndexOf(NEW_LINE) + 1;
  return { lines: lines.filter((line) => line !== '').slice(-limit), cursor, truncated: window.start > 0 };
}

async function tailOpenFile(handle: FileHandle, file: string, request: TailRequest): Promise<LogsTailResult> {
  const { size } = await handle.stat();
  const window = chooseWindow(size, request);
  const before = window.start > 0 ? await readBytes(handle, window.start - 1, 1) : Buffer.of(NEW_LINE);
  const bytes = await readBytes(handle, window.start, window.length);
  const wholeStart = before[0] === NEW_LINE;
  const limit = request.limit ?? DEFAULT_LIMIT;
  const full = window.start + window.length < size;
  const cut = window.forward
    ? cutForward(bytes, { start: window.start, wholeStart, full }, limit)
    : cutBackward(bytes, window, wholeStart, limit);
  return { file, cursor: cut.cursor, size, lines: cut.lines, truncated: cut.truncated, reset: window.reset };
}

/** Lines are whole: an unfinished last line is left for the next call. A missing file is an empty one. */
export async function tailFile(file: string, request: TailRequest): Promise<LogsTailResult> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { file, cursor: 0, size: 0, lines: [], truncated: false, reset: (request.cursor ?? 0) > 0 };
  }
  try {
    return await tailOpenFile(handle, file, request);
  } finally {
    await handle.close();
  }
}
