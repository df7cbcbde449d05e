import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BootstrapReader, ensureWorkspace } from '../agents/index.js';
import { type Message, messageText } from '../protocol/index.js';
import type { TranscriptEntry } from '../sessions/index.js';
import { systemClock } from '../shared/clock.js';
import { readAttachments } from './attachments.js';
import { buildHistory } from './chat-history.js';
import { parseCommand } from './commands.js';
import { deferred, type RunOutcome, type RunRecord } from './run-record.js';
import { RunTable } from './run-table.js';
import { entriesUntilRun, selectPromptMessages } from './prompt-messages.js';
import { buildSystemPrompt } from './system-prompt.js';

let count = 0;
function entry(role: Message['role'], text: string, more: Partial<TranscriptEntry> = {}): TranscriptEntry {
  count += 1;
  const message: Message = { role, content: text === '' ? [] : [{ type: 'text', text }] };
  return { id: `${count}`, parentId: null, timestamp: '', seq: count, message, ...more };
}

describe('commands', () => {
  it.each([
    ['/stop', { name: 'stop' }],
    [' /Abort ', { name: 'stop' }],
    ['/new', { name: 'new', rest: '' }],
    ['/reset hello there', { name: 'reset', rest: 'hello there' }],
    ['/model a/b', { name: 'model', ref: 'a/b' }],
    ['/status', { name: 'status' }],
  ])('%j is one', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each(['stop', '/search docs', '/status of my order', 'see /help', '/'])('%j goes to the model', (text) => {
    expect(parseCommand(text)).toBeUndefined();
  });
});

describe('attachments', () => {
  it('become images, whatever way they name their type', () => {
    expect(
      readAttachments([
        { mimeType: 'image/png', content: 'AAAA' },
        { content: 'data:image/webp;base64,AAA=' },
        { fileName: 'a.JPG', content: 'AAAA\nAAAA' },
      ]),
    ).toEqual([
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'image', data: 'AAA=', mimeType: 'image/webp' },
      { type: 'image', data: 'AAAAAAAA', mimeType: 'image/jpeg' },
    ]);
  });

  it.each([
    [{ content: 5 }, 'attachment 1: content must be base64 text'],
    [{ mimeType: 'image/png', content: 'A*A=' }, 'attachment 1: content is not valid base64'],
    [{ fileName: 'a.svg', content: 'AAAA' }, 'attachment a.svg: only PNG, JPEG, GIF and WebP images can be sent'],
    [
      { mimeType: 'image/png', content: 'A'.repeat(6_700_000) },
      'attachment 1: 5025000 bytes are more than the 5000000',
    ],
  ])('are refused with the reason (%#)', (attachment, message) => {
    expect(() => readAttachments([attachment])).toThrow(message);
  });
});

function select(entries: TranscriptEntry[], runId: string, contextTokens: number): Message[] {
  return selectPromptMessages({ entries: entriesUntilRun(entries, runId), runId, contextTokens });
}

describe('the prompt of a run', () => {
  const entries = [
    entry('user', 'q1', { runId: 'a' }),
    entry('assistant', 'a1', { runId: 'a' }),
    entry('user', '/status', { runId: 'c', command: true }),
    entry('assistant', 'status', { runId: 'c', command: true }),
    entry('user', 'q2', { runId: 'b' }),
    entry('assistant', '', { runId: 'b' }),
    entry('user', 'q3', { runId: 'd' }),
    entry('user', 'q4', { runId: 'e' }),
  ];

  it('has what came before its question and nothing that waits behind it', () => {
    expect(select(entries, 'd', 10_000).map(messageText)).toEqual(['q1', 'a1', 'q2', 'q3']);
  });

  it('leaves out the oldest when there is no room, but never the question', () => {
    const long = [
      entry('user', 'x'.repeat(500)),
      entry('assistant', 'y'.repeat(50)),
      entry('user', 'z'.repeat(50), { runId: 'r' }),
    ];
    expect(select(long, 'r', 100).map((message) => messageText(message)[0])).toEqual(['z']);
    expect(select(long, 'r', 1000).map((message) => messageText(message)[0])).toEqual(['x', 'y', 'z']);
    expect(select(long, 'r', 1)).toHaveLength(1);
  });

  it('stays small for a new workspace', async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'prompt-'));
    const workspaceDir = path.join(home, 'workspace');
    await ensureWorkspace(workspaceDir);
    const files = await new BootstrapReader().read(workspaceDir);
    await rm(home, { recursive: true });
    expect(files).toHaveLength(8);
    expect(buildSystemPrompt({ agentId: 'main', workspaceDir, files }).length).toBeLessThan(4000);
  });
});

describe('the history', () => {
  it('keeps the latest within its size and replaces what is too large', () => {
    const image = { type: 'image' as const, data: 'A'.repeat(3_000_000), mimeType: 'image/png' };
    const big = entry('user', 'see');
    big.message.content = [{ type: 'text', text: '[Sat 2026-11-21 02:15 UTC] see' }, image];
    const huge = entry('assistant', 'h'.repeat(3_000_000));
    const [first, second] = buildHistory([big, huge]);
    expect(first && messageText(first)).toBe('see[image/png, 2197 KiB]');
    expect(second && messageText(second)).toBe('[This message is too large to show here.]');
    const many = Array.from({ length: 10 }, (_, index) => entry('user', `${index}${'x'.repeat(1000)}`));
    expect(buildHistory(many, 3500).map((message) => messageText(message)[0])).toEqual(['7', '8', '9']);
  });
});

describe('the table of runs', () => {
  const record = (runId: string): RunRecord => ({
    runId,
    sessionKey: 'k',
    kind: 'chat',
    accepted: new Promise(() => undefined),
    ended: deferred<RunOutcome>().promise,
    abort: () => undefined,
  });
  const outcome: RunOutcome = { status: 'done', endedAt: 0, sessionId: 's' };

  it('forgets ended runs after five minutes and beyond a thousand, running ones never', () => {
    let now = 0;
    const table = new RunTable({ ...systemClock, now: () => now });
    table.add(record('running'));
    const first = record('first');
    table.add(first);
    table.end(first, outcome);
    now = 299_999;
    expect(table.find('first')).toBe(first);
    now = 300_000;
    expect(table.find('first')).toBeUndefined();
    for (let index = 0; index < 1001; index += 1) {
      const next = record(`r${index}`);
      table.add(next);
      table.end(next, outcome);
    }
    expect(table.find('r0')).toBeUndefined();
    expect(table.find('r1')).toBeDefined();
    expect(table.find('running')).toBeDefined();
    expect(table.active).toBe(1);
  });
});
