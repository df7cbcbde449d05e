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

  it('goes on after the only messages were taken back', async () => {
    await transcript.append(said('look'), { runId: 'quiet' });
    await transcript.withdraw('quiet');
    expect((await transcript.append(said('first'))).seq).toBe(1);
    expect(await texts(transcript)).toEqual(['first']);
  });
});
