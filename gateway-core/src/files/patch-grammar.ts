// Pure: reads the text between `*** Begin Patch` and `*** End Patch`.

export interface PatchChunk {
  /** What stands after each `@@`, outermost first: lines to find before the chunk. */
  contexts: string[];
  /** Lines that must be there: kept and removed ones. */
  before: string[];
  /** The same lines afterwards: kept and added ones. */
  after: string[];
  /** True when the chunk ends where the file does. */
  isAtEnd: boolean;
}

export type PatchStep =
  | { kind: 'add'; path: string; lines: string[] }
  | { kind: 'delete'; path: string }
  | { kind: 'update'; path: string; moveTo?: string; chunks: PatchChunk[] };

export type ParsedPatch = { ok: true; steps: PatchStep[] } | { ok: false; reason: string };

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const END_OF_FILE = '*** End of File';
const HEADERS = { add: '*** Add File: ', delete: '*** Delete File: ', update: '*** Update File: ' } as const;
const MOVE = '*** Move to: ';

/** Lines with a cursor; line numbers in messages count from 1 in what was sent. */
interface Reader {
  lines: readonly string[];
  at: number;
  /** Lines that were dropped before the first one. */
  skipped: number;
}

class PatchFault extends Error {}

function fault(reader: Reader, reason: string): PatchFault {
  return new PatchFault(`line ${reader.skipped + reader.at + 1}: ${reason}`);
}

const current = (reader: Reader): string | undefined => reader.lines[reader.at];

function isHeader(line: string): boolean {
  return Object.values(HEADERS).some((header) => line.startsWith(header));
}

/** Without the shell wrapping that models put around a patch. */
function unwrap(input: string): Reader {
  const lines = input.replaceAll('\r\n', '\n').split('\n');
  const first = lines.findIndex((line) => line.trim() === BEGIN);
  const last = lines.findLastIndex((line) => line.trim() === END);
  if (first < 0) throw new PatchFault(`it does not start with "${BEGIN}".`);
  if (last < first) throw new PatchFault(`it does not end with "${END}".`);
  return { lines: lines.slice(first + 1, last), at: 0, skipped: first + 1 };
}

function readPath(reader: Reader, header: string): string {
  const path = (current(reader) ?? '').slice(header.length).trim();
  if (path === '') throw fault(reader, 'the path is missing.');
  reader.at += 1;
  return path;
}

function readAdd(reader: Reader): PatchStep {
  const path = readPath(reader, HEADERS.add);
  const lines: string[] = [];
  for (let line = current(reader); line?.startsWith('+'); line = current(reader)) {
    lines.push(line.slice(1));
    reader.at += 1;
  }
  return { kind: 'add', path, lines };
}

function readContexts(reader: Reader): string[] {
  const contexts: string[] = [];
  for (let line = current(reader); line?.startsWith('@@'); line = current(reader)) {
    // Some models add the line numbers of a unified diff; they say nothing about where the text is now.
    const context = line
      .slice(2)
      .replace(/^ ?-\d+(,\d+)? \+\d+(,\d+)? @@/, '')
      .replace(/^ /, '');
    if (context.trim() !== '') contexts.push(context);
    reader.at += 1;
  }
  return contexts;
}

function takeLine(chunk: PatchChunk, line: string): boolean {
  const rest = line.slice(1);
  if (line.startsWith('+')) chunk.after.push(rest);
  else if (line.startsWith('-')) chunk.before.push(rest);
  else if (line.startsWith(' ') || line === '') {
    // An empty line stands for an empty line that is kept: editors strip the space in front of it.
    chunk.before.push(rest);
    chunk.after.push(rest);
  } else return false;
  return true;
}

function readChunk(reader: Reader): PatchChunk {
  const chunk: PatchChunk = { contexts: readContexts(reader), before: [], after: [], isAtEnd: false };
  const start = reader.at;
  for (let line = current(reader); line !== undefined; line = current(reader)) {
    if (line.trim() === END_OF_FILE) {
      chunk.isAtEnd = true;
      reader.at += 1;
      break;
    }
    if (line.startsWith('@@') || isHeader(line)) break;
    if (!takeLine(chunk, line)) throw fault(reader, 'a line of a change starts with a space, "+" or "-".');
    reader.at += 1;
  }
  if (reader.at === start) throw fault(reader, 'there is no change after "@@".');
  return chunk;
}

/** A blank line before the next file or the end of the patch is no line of this file. */
function dropBlankTail(chunk: PatchChunk | undefined): void {
  if (!chunk || chunk.isAtEnd) return;
  while (chunk.before.at(-1) === '' && chunk.after.at(-1) === '' && chunk.before.length > 1) {
    chunk.before.pop();
    chunk.after.pop();
  }
}

function readUpdate(reader: Reader): PatchStep {
  const path = readPath(reader, HEADERS.update);
  const moveTo = current(reader)?.startsWith(MOVE) ? readPath(reader, MOVE) : undefined;
  const chunks: PatchChunk[] = [];
  for (let line = current(reader); line !== undefined && !isHeader(line); line = current(reader)) {
    const next = reader.lines[reader.at + 1];
    const isBetween = next === undefined || next.startsWith('@@') || isHeader(next);
    if (line.trim() === '' && isBetween) reader.at += 1;
    else chunks.push(readChunk(reader));
  }
  dropBlankTail(chunks.at(-1));
  if (chunks.length === 0 && moveTo === undefined) throw fault(reader, `there is no change for ${path}.`);
  return { kind: 'update', path, ...(moveTo !== undefined && { moveTo }), chunks };
}

function readStep(reader: Reader): PatchStep | undefined {
  const line = current(reader) ?? '';
  if (line.startsWith(HEADERS.add)) return readAdd(reader);
  if (line.startsWith(HEADERS.delete)) return { kind: 'delete', path: readPath(reader, HEADERS.delete) };
  if (line.startsWith(HEADERS.update)) return readUpdate(reader);
  if (line.trim() !== '')
    throw fault(reader, 'a part starts with "*** Add File: ", "*** Update File: " or "*** Delete File: ".');
  reader.at += 1;
  return undefined;
}

function readSteps(input: string): PatchStep[] {
  const reader = unwrap(input);
  const steps: PatchStep[] = [];
  while (reader.at < reader.lines.length) {
    const step = readStep(reader);
    if (step) steps.push(step);
  }
  if (steps.length === 0) throw new PatchFault('it names no file.');
  return steps;
}

/** Reads a patch; says what is wrong with it, and in which line. */
export function parsePatch(input: string): ParsedPatch {
  try {
    return { ok: true, steps: readSteps(input) };
  } catch (error) {
    if (error instanceof PatchFault) return { ok: false, reason: `The patch cannot be read: ${error.message}` };
    throw error;
  }
}
