// Counts the messages and dividers of a transcript without taking them apart.
import type { FileHandle } from 'node:fs/promises';
import { readRange } from './read-lines.js';

const CHUNK_BYTES = 1024 * 1024;
const RECORD_MARKS = ['{"type":"message"', '{"type":"compaction"'].map((mark) => Buffer.from(mark));
const LONGEST_MARK = Math.max(...RECORD_MARKS.map((mark) => mark.length));

/** Marks that do not lie wholly within the first `seen` bytes, which were counted before. */
function countMarks(text: Buffer, seen: number): number {
  let count = 0;
  for (const mark of RECORD_MARKS) {
    const from = Math.max(0, seen - mark.length + 1);
    for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) count += 1;
  }
  return count;
}

/** How many there are in the first `size` bytes; reads a chunk at a time. */
export async function countRecords(handle: FileHandle, size: number): Promise<number> {
  let count = 0;
  let carry = Buffer.alloc(0);
  for (let position = 0; position < size; position += CHUNK_BYTES) {
    const chunk = await readRange(handle, position, Math.min(CHUNK_BYTES, size - position));
    const text = Buffer.concat([carry, chunk]);
    count += countMarks(text, carry.length);
    carry = Buffer.from(text.subarray(Math.max(0, text.length - LONGEST_MARK + 1)));
  }
  return count;
}
