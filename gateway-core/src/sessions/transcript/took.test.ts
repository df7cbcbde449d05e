import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../../protocol/index.js';
import { silentLogger } from '../../shared/logger.js';
import { FolderSync } from './folder-sync.js';
import { Transcript } from './transcript.js';

const folders = new FolderSync();
const opened: Transcript[] = [];
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'took-'));
  file = path.join(folder, 's1.jsonl');
});

afterEach(async () => {
  for (const transcript of opened.splice(0)) await transcript.close();
  await folders.stop();
  await rm(folder, { recursive: true, force: true });
});

function open(): Transcript {
  const identity = { sessionId: 's1', sessionKey: 'agent:main:main', cwd: '/w', log: silentLogger };
  const transcript = new Transcript({ ...identity, folders, file, now: () => 1, newId: randomUUID });
  opened.push(transcript);
  return transcript;
}

const say = (role: Message['role'], text: string): Message => ({ role, content: [{ type: 'text', text }] });
const texts = async (from: Transcript, limit = 20) =>
  (await from.tail(limit)).map(({ message }) => messageText(message));

describe('messages that another run took in', () => {
  it('stand right before what was answered to them, also when the file is read again', async () => {
    const transcript = open();
    await transcript.append(say('user', 'one'), { runId: 'a' });
    const two = await transcript.append(say('user', 'two'), { runId: 'b' });
    const three = await transcript.append(say('user', 'three'), { runId: 'c' });
    await transcript.append(say('user', 'waits'), { runId: 'd' });
    await transcript.append(say('assistant', 'working'), { runId: 'a' });
    await transcript.append(say('assistant', 'answer'), { runId: 'a', took: [two.id, three.id] });
    await transcript.append(say('assistant', 'later'), { runId: 'd' });
    const order = ['one', 'working', 'two', 'three', 'answer', 'waits', 'later'];
    expect(await texts(transcript)).toEqual(order);
    await transcript.close();
    const again = open();
    expect(await texts(again)).toEqual(order);
    // What lies before the part that is read cannot be put anywhere.
    expect(await texts(again, 2)).toEqual(['answer', 'later']);
  });

  it('stand before the divider of a summary that was made with them', async () => {
    const transcript = open();
    await transcript.append(say('user', 'one'), { runId: 'a' });
    const two = await transcript.append(say('user', 'two'), { runId: 'b' });
    const compaction = { summary: 'short', firstKeptEntryId: two.id, tokensBefore: 9 };
    await transcript.appendCompaction(compaction, { runId: 'a', took: [two.id] });
    await transcript.append(say('assistant', 'answer'), { runId: 'a' });
    await transcript.close();
    expect(await texts(open())).toEqual(['one', 'two', 'Compaction', 'answer']);
  });

  it('are lost to no line that says nonsense', async () => {
    const transcript = open();
    const one = await transcript.append(say('user', 'one'), { runId: 'a' });
    await transcript.close();
    const line = (id: string, took: unknown) =>
      `${JSON.stringify({ type: 'message', id, parentId: null, timestamp: '', message: say('assistant', id), took })}\n`;
    const lines = [line('x', 'all'), line('y', ['y', 'z', 7]), line('z', [one.id]), line('v', [one.id, 'z'])];
    await appendFile(file, lines.join(''));
    expect(await texts(open())).toEqual(['x', 'y', 'one', 'z', 'v']);
  });
});
