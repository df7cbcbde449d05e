import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../../protocol/index.js';
import { silentLogger } from '../../shared/logger.js';
import { FolderSync } from './folder-sync.js';
import { Transcript } from './transcript.js';

let folder = '';
let file = '';
const folders = new FolderSync();
const opened: Transcript[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'transcript-'));
  file = path.join(folder, 'deep', 's1.jsonl');
});

afterEach(async () => {
  for (const transcript of opened.splice(0)) await transcript.close();
  await folders.stop();
  await rm(folder, { recursive: true, force: true });
});

function open(now = () => Date.UTC(2026, 10, 21)): Transcript {
  const transcript = new Transcript({
    folders,
    file,
    sessionId: 's1',
    sessionKey: 'agent:main:main',
    cwd: '/workspace',
    now,
    newId: randomUUID,
    log: silentLogger,
  });
  opened.push(transcript);
  return transcript;
}

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }], timestamp: 1 });
const lines = async () => (await readFile(file, 'utf8')).trimEnd().split('\n');
const texts = (entries: Array<{ message: Message }>) => entries.map((entry) => messageText(entry.message));

describe('a transcript', () => {
  // Windows keeps the name of a file that is open.
  it.skipIf(process.platform === 'win32')('says so when its file was removed, and goes on in a new one', async () => {
    const transcript = open();
    await transcript.append(user('one'));
    await rm(file);
    await expect(transcript.append(user('two'))).rejects.toMatchObject({ code: 'state.unwritable' });
    await transcript.append(user('three'));
    expect(texts(await transcript.tail(10))).toEqual(['three']);
    expect(texts(await open().tail(10))).toEqual(['three']);
    expect(await lines()).toHaveLength(2);
  });

  it('numbers what is stored right behind a failure as the file has it', async () => {
    const transcript = open();
    await transcript.append(user('one'));
    await rm(file);
    const failing = transcript.append(user('two')).catch(() => undefined);
    const retried = failing.then(() => Promise.all([transcript.append(user('a')), transcript.append(user('b'))]));
    expect((await retried).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('is a header and a chain of messages, in the layout of the reference', async () => {
    const transcript = open();
    const first = await transcript.append(user('one'), { runId: 'r1' });
    const second = await transcript.append(user('two'));
    const [header, ...entries] = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(header).toEqual({
      type: 'session',
      version: 3,
      id: 's1',
      timestamp: '2026-11-21T00:00:00.000Z',
      cwd: '/workspace',
      sessionKey: 'agent:main:main',
    });
    expect(entries).toEqual([
      { type: 'message', ...first, parentId: null, seq: 1, runId: 'r1', message: user('one') },
      { type: 'message', ...second, parentId: first.id, seq: 2, message: user('two') },
    ]);
  });

  it('goes on where it was after being closed', async () => {
    await open().append(user('one'));
    const again = open();
    const entry = await again.append(user('two'));
    expect(entry.seq).toBe(2);
    expect(texts(await again.tail(10))).toEqual(['one', 'two']);
    expect((await lines()).length).toBe(3);
  });

  it('keeps the order of appends made at once and shares their syncs', async () => {
    const transcript = open();
    const names = Array.from({ length: 200 }, (_, index) => `m${index}`);
    await Promise.all(names.map((name, index) => transcript.append(user(name), { durable: index % 2 === 0 })));
    expect(texts(await open().tail(1000))).toEqual(names);
  });

  it('puts answers behind the messages they answer', async () => {
    const transcript = open();
    for (const [text, runId] of [
      ['q1', 'a'],
      ['q2', 'b'],
      ['a1', 'a'],
      ['note', undefined],
      ['a2', 'b'],
    ] as const) {
      await transcript.append(user(text), { runId });
    }
    expect(texts(await transcript.tail(10))).toEqual(['q1', 'a1', 'q2', 'a2', 'note']);
    expect((await transcript.tail(10)).map((entry) => entry.seq)).toEqual([1, 3, 2, 5, 4]);
  });

  it('reads the end of a large file without keeping it, and any part of it on demand', async () => {
    const transcript = open();
    const names = Array.from({ length: 3000 }, (_, index) => `${index} ${'x'.repeat(index % 700)}`);
    await Promise.all(names.map((name) => transcript.append(user(name), { durable: false })));
    for (const limit of [1, 5, 256, 1000, 2999, 3000, 5000]) {
      expect(texts(await open().tail(limit))).toEqual(names.slice(-limit));
      expect(texts(await transcript.tail(limit))).toEqual(names.slice(-limit));
    }
    await transcript.append(user('last'));
    expect(texts(await transcript.tail(700))).toEqual([...names, 'last'].slice(-700));
  });

  it('reads lines longer than its chunks', async () => {
    const transcript = open();
    const big = 'y'.repeat(900_000);
    await transcript.append(user('small'));
    await transcript.append(user(big));
    await transcript.append(user('end'));
    expect(texts(await open().tail(3))).toEqual(['small', big, 'end']);
  });
});

describe('after a crash', () => {
  it('drops half of a last line and goes on with a whole one', async () => {
    const transcript = open();
    await transcript.append(user('one'));
    await transcript.append(user('two'));
    const whole = await readFile(file);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (const cut of [lastLine + 1, lastLine + 40, whole.length - 2]) {
      await writeFile(file, whole);
      await truncate(file, cut);
      const again = open();
      expect(texts(await again.tail(10))).toEqual(['one']);
      await again.append(user('three'));
      expect(texts(await open().tail(10))).toEqual(['one', 'three']);
    }
  });

  it('completes a last line that lacks only its end', async () => {
    await open().append(user('one'));
    const size = (await readFile(file)).length;
    await truncate(file, size - 1);
    await open().append(user('two'));
    expect(texts(await open().tail(10))).toEqual(['one', 'two']);
  });

  it('starts over in a file whose header was cut', async () => {
    await open().append(user('one'));
    await truncate(file, 20);
    await open().append(user('two'));
    const [header] = await lines();
    expect(JSON.parse(header ?? '')).toMatchObject({ type: 'session', id: 's1' });
    expect(texts(await open().tail(10))).toEqual(['two']);
  });

  it('loses a damaged line in the middle and nothing else', async () => {
    const transcript = open();
    await transcript.append(user('one'));
    await transcript.close();
    await appendFile(file, 'not json\n{"type":"message","id":"x"}\n');
    const again = open();
    await again.append(user('two'));
    expect(texts(await open().tail(10))).toEqual(['one', 'two']);
  });
});

describe('files of other programs', () => {
  it('are numbered by counting and keep being written in their own layout', async () => {
    const entry = (id: string, text: string) =>
      JSON.stringify({
        type: 'message',
        id,
        parentId: null,
        timestamp: '2026-11-21T00:00:00.000Z',
        message: user(text),
      });
    await open().append(user('x'));
    const foreign = ['{"type":"session","version":3,"id":"s1","timestamp":"2026-11-21T00:00:00.000Z","cwd":"/"}'];
    for (let index = 1; index <= 100; index += 1) foreign.push(entry(`id${index}`, `m${index}`), '{"type":"custom"}');
    await writeFile(file, `${foreign.join('\n')}\n`);
    const transcript = open();
    expect((await transcript.tail(2)).map((found) => found.seq)).toEqual([99, 100]);
    expect((await transcript.append(user('new'))).seq).toBe(101);
    const all = await open().tail(1000);
    expect(all.map((found) => found.seq)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
  });
});

describe('a file that cannot be written', () => {
  it('refuses the message with a sentence and works again when the cause is gone', async () => {
    await writeFile(path.join(folder, 'deep'), 'a file where a folder should be');
    const transcript = open();
    await expect(transcript.append(user('one'))).rejects.toMatchObject({ code: 'state.unwritable' });
    await rm(path.join(folder, 'deep'));
    expect((await transcript.append(user('two'))).seq).toBe(1);
    expect(texts(await open().tail(10))).toEqual(['two']);
  });
});
