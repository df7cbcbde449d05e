import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fits, LogsTailResult } from '../protocol/index.js';
import { chooseWindow, tailFile } from './tail.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'claw-tail-'));
  file = path.join(folder, 'a.log');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('tailFile', () => {
  it('gives the last lines and the size as cursor', async () => {
    await writeFile(file, 'one\ntwo\nthree\n');
    expect(await tailFile(file, { limit: 2 })).toEqual({
      file,
      cursor: 14,
      size: 14,
      lines: ['two', 'three'],
      truncated: false,
      reset: false,
    });
  });

  it('a file that is not there is empty', async () => {
    expect(await tailFile(file, {})).toEqual({ file, cursor: 0, size: 0, lines: [], truncated: false, reset: false });
    expect(await tailFile(file, { cursor: 5 })).toMatchObject({ cursor: 0, reset: true });
  });

  it('goes on from a cursor', async () => {
    await writeFile(file, 'one\n');
    const first = await tailFile(file, {});
    expect(await tailFile(file, { cursor: first.cursor })).toMatchObject({ lines: [], cursor: 4 });
    await appendFile(file, 'two\nthree\n');
    expect(await tailFile(file, { cursor: first.cursor })).toMatchObject({ lines: ['two', 'three'], cursor: 14 });
  });

  it('keeps an unfinished line for the next call', async () => {
    await writeFile(file, 'one\ntw');
    const first = await tailFile(file, {});
    expect(first).toMatchObject({ lines: ['one'], cursor: 4, size: 6 });
    expect(await tailFile(file, { cursor: 4 })).toMatchObject({ lines: [], cursor: 4 });
    await appendFile(file, 'o\n');
    expect(await tailFile(file, { cursor: 4 })).toMatchObject({ lines: ['two'], cursor: 8 });
  });

  it('never cuts a character', async () => {
    await writeFile(file, '🦞🦞\nääää\n');
    const size = Buffer.byteLength('🦞🦞\nääää\n');
    expect(await tailFile(file, { maxBytes: size - 2 })).toMatchObject({ lines: ['ääää'], truncated: true });
    expect(await tailFile(file, { cursor: 2 })).toMatchObject({ lines: ['ääää'], cursor: size });
  });

  it('a window that begins with a line keeps that line', async () => {
    await writeFile(file, 'one\ntwo\n');
    expect(await tailFile(file, { maxBytes: 4 })).toMatchObject({ lines: ['two'], truncated: true });
  });

  it('following in small steps loses nothing', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index} ${'x'.repeat(index % 17)}`);
    await writeFile(file, `${lines.join('\n')}\n`);
    for (const step of [{ limit: 7 }, { maxBytes: 64 }, { limit: 3, maxBytes: 100 }]) {
      const seen: string[] = [];
      let cursor = 0;
      for (;;) {
        const page = await tailFile(file, { cursor, ...step });
        expect(page.reset).toBe(false);
        if (page.lines.length === 0) break;
        seen.push(...page.lines);
        cursor = page.cursor;
      }
      expect(seen).toEqual(lines);
    }
  });

  it('skips a line longer than the window and says so', async () => {
    await writeFile(file, `${'x'.repeat(100)}\nend\n`);
    const lines: string[] = [];
    let truncated = false;
    let cursor = 0;
    for (let turn = 0; turn < 10; turn++) {
      const page = await tailFile(file, { cursor, maxBytes: 30 });
      truncated ||= page.truncated === true;
      lines.push(...page.lines);
      cursor = page.cursor;
    }
    expect({ lines, truncated, cursor }).toEqual({ lines: ['end'], truncated: true, cursor: 105 });
  });

  it('starts over when the file shrank', async () => {
    await writeFile(file, 'one\ntwo\nthree\n');
    await truncate(file, 0);
    await appendFile(file, 'new\n');
    expect(await tailFile(file, { cursor: 14 })).toMatchObject({ lines: ['new'], cursor: 4, reset: true });
  });

  it('leaves empty lines out', async () => {
    await writeFile(file, 'one\n\n\ntwo\n');
    expect((await tailFile(file, {})).lines).toEqual(['one', 'two']);
    expect((await tailFile(file, { cursor: 4 })).lines).toEqual(['two']);
  });

  it('has the shape of the protocol', async () => {
    await writeFile(file, 'one\n');
    expect(fits(LogsTailResult, await tailFile(file, {}))).toBe(true);
  });
});

describe('chooseWindow', () => {
  it.each([
    [100, {}, { start: 0, length: 100, reset: false, forward: false }],
    [300_000, {}, { start: 50_000, length: 250_000, reset: false, forward: false }],
    [300_000, { cursor: 10 }, { start: 10, length: 250_000, reset: false, forward: true }],
    [100, { cursor: 100 }, { start: 100, length: 0, reset: false, forward: true }],
    [100, { cursor: 101 }, { start: 0, length: 100, reset: true, forward: false }],
  ])('%i bytes, %j', (size, request, expected) => {
    expect(chooseWindow(size, request)).toEqual(expected);
  });
});
