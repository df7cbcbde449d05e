// Reads a file of lines from its end backwards, so that the last few cost the same in a large file.
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

export interface BackwardLines {
  /** Oldest first. */
  lines: string[];
  /** Byte offset of the first of them; 0 when the head of the file was reached. */
  start: number;
}

export interface BackwardLimits {
  lines: number;
  bytes: number;
}

/** Fills `length` bytes from `position`; shorter when the file ends earlier. */
export async function readRange(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

export function countNewlines(buffer: Buffer): number {
  let count = 0;
  for (let at = buffer.indexOf(NEWLINE); at !== -1; at = buffer.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Where the last `lines` whole lines of `data` begin; `data` ends with a newline. */
function lastLinesOffset(data: Buffer, lines: number): number {
  let at = data.length - 1;
  for (let left = lines; left > 0; left -= 1) {
    at = at <= 0 ? -1 : data.lastIndexOf(NEWLINE, at - 1);
    if (at === -1) return 0;
  }
  return at + 1;
}

/**
 * The last lines before byte `end`, which must lie right behind a newline (or be 0). Stops after `limits.lines`
 * lines or once `limits.bytes` are read, but always yields at least one line.
 */
export async function readLinesBefore(handle: FileHandle, end: number, limits: BackwardLimits): Promise<BackwardLines> {
  const chunks: Buffer[] = [];
  let position = end;
  let newlines = 0;
  const enough = () => newlines > limits.lines || (newlines > 1 && end - position >= limits.bytes);
  while (position > 0 && !enough()) {
    const size = Math.min(CHUNK_BYTES, position);
    position -= size;
    const chunk = await readRange(handle, position, size);
    newlines += countNewlines(chunk);
    chunks.push(chunk);
  }
  const data = Buffer.concat(chunks.reverse());
  if (data.length === 0) return { lines: [], start: 0 };
  const firstWhole = position === 0 ? 0 : data.indexOf(NEWLINE) + 1;
  const offset = Math.max(firstWhole, lastLinesOffset(data, limits.lines));
  const lines = data.toString('utf8', offset, data.length - 1).split('\n');
  return { lines: offset >= data.length ? [] : lines, start: position + offset };
}
