import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
let transcript: Transcript;

function open(): Transcript {
  const identity = { sessionId: 's1', sessionKey: 'agent:main:main', cwd: '/w', log: silentLogger };
  return new Transcript({ ...identity, folders, file, now: () => 1, newId: randomUUID });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'withdraw-'));
  file = path.join(folder, 's1.jsonl');
  transcript = open();
});

afterEach(async () => {
  await transcript.close();
  await folders.stop();
  await rm(folder, { recursive: true, force: true });
});

const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }], timestamp: 1 });
const texts = async (from: Transcript) => (await from.tail(10)).map(({ message }) => messageText(message));

describe('taking back what a run stored', () => {
  it('removes the messages of that run from the file and leaves all others', async () => {
    await transcript.append(said('one'), { runId: 'a' });
    await transcript.append(said('look'), { runId: 'quiet' });
    await transcript.append(said('OK'), { runId: 'quiet' });
    await transcript.append(said('two'));
    expect(await transcript.withdraw('quiet')).toBe(2);
    expect(await texts(transcript)).toEqual(['one', 'two']);
    expect(await readFile(file, 'utf8')).not.toContain('quiet');
    const again = open();
    expect(await texts(again)).toEqual(['one', 'two']);
    await again.close();
  });

  it('changes nothing for a run that stored nothing', async () => {
    await transcript.append(said('one'), { runId: 'a' });
    const before = await readFile(file, 'utf8');
    expect(await transcript.withdraw('other')).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('loses no message that is stored meanwhile', async () => {
    await transcript.append(said('look'), { runId: 'quiet' });
    const appended = Array.from({ length: 20 }, (_, index) => transcript.append(said(`m${index}`)));
    const taken = transcript.withdraw('quiet');
    const later = Array.from({ length: 20 }, (_, index) => transcript.append(said(`n${index}`)));
    expect(await taken).toBe(1);
    await Promise.all([...appended, ...later]);
    const again = open();
    expect((await again.tail(100)).length).toBe(40);
    await again.close();
  });

  it('loses no message that is stored at the very moment it begins', async () => {
    await transcript.append(said('look'), { runId: 'quiet' });
    const taken = transcript.withdraw('quiet');
    const appended = [transcript.append(said('one')), transcript.append(said('two'))];
    expect(await taken).toBe(1);
    await Promise.all(appended);
    await transcript.append(said('three'));
    const again = open();
    expect(await texts(again)).toEqual(['one', 'two', 'three']);
    expect((await again.tail(10)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await again.close();
  });

  it('takes back two runs at the same time', async () => {
    for (const runId of ['a', 'b', 'a', 'b', 'c']) await transcript.append(said(runId), { runId });
    expect(await Promise.all([transcript.withdraw('a'), transcript.withdraw('b')])).toEqual([2, 2]);
    const again = open();
    expect(await texts(again)).toEqual(['c']);
    await again.close();
  });

  it('is not in the way of those who read meanwhile', async () => {
    for (let index = 0; index < 600; index += 1) {
      void transcript.append(said(`m${index} ${'x'.repeat(500)}`), {
        runId: index === 599 ? 'quiet' : 'a',
        durable: false,
      });
    }
    await transcript.append(said('last'));
    const again = open();
    const [before, taken, after] = [again.tail(1_000), again.withdraw('quiet'), again.tail(1_000)];
    expect(await taken).toBe(1);
    expect((await before).length).toBe(601);
    expect((await after).length).toBe(600);
    expect((await again.tail(1_000)).length).toBe(600);
    await again.close();
  });

  it('ties what followed to what came before, and keeps fields of other programs', async () => {
    await transcript.append(said('one'), { runId: 'a' });
    await transcript.append(said('look'), { runId: 'quiet' });
    await transcript.append(said('OK'), { runId: 'quiet' });
    const last = await transcript.append(said('two'));
    await transcript.note({ type: 'custom', id: 'x1', parentId: last.id, mine: true });
    await transcript.withdraw('quiet');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const [, one, two, note] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(two).toMatchObject({ id: last.id, parentId: one?.id });
    expect(note).toEqual({ type: 'custom', id: 'x1', parentId: last.id, mine: true });
  });

  it('makes the first message that is left the beginning', async () => {
    await transcript.append(said('look'), { runId: 'quiet' });
    await transcript.append(said('OK'), { runId: 'quiet' });
    await transcript.append(said('two'));
    await transcript.withdraw('quiet');
    expect((await transcript.tail(10)).map(({ parentId }) => parentId)).toEqual([null]);
  });

  it('goes on after the only messages were taken back', async () => {
    await transcript.append(said('look'), { runId: 'quiet' });
    await transcript.withdraw('quiet');
    expect((await transcript.append(said('first'))).seq).toBe(1);
    expect(await texts(transcript)).toEqual(['first']);
  });
});
