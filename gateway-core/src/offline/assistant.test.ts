import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Citation } from '../protocol/index.js';
import { silentLogger } from '../shared/logger.js';
import { createOfflineAssistant, type OfflineAssistant } from './assistant.js';
import type { OfflineEvent, OfflineRequest } from './types.js';

const never = new AbortController().signal;

const MODELS_PAGE = `---
title: ignored
---
# Models

Which model answers is set in the config.

## Fallbacks

When the primary model fails, the gateway asks the models under \`agents.defaults.model.fallbacks\` in turn.

## Keys

Put an API key into the environment.

\`\`\`sh
# this is no heading
export OPENAI_API_KEY=...
\`\`\`
`;

const START_PAGE = `# Start

Run \`npm start\` to open the window.

## On a server

Without a display the gateway prints its address.
`;

describe('the offline assistant', () => {
  let root: string;
  let assistant: OfflineAssistant;

  const file = async (name: string, text: string): Promise<string> => {
    const full = path.join(root, name);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, text);
    return full;
  };
  const request = (content: string): OfflineRequest => ({
    agentId: 'main',
    sessionKey: 'agent:main:main',
    messages: [{ role: 'user', content }],
  });
  const read = async (asked: OfflineRequest, signal = never) => {
    const events: OfflineEvent[] = [];
    for await (const event of assistant.answer(asked, signal)) events.push(event);
    return events;
  };
  const textOf = (events: OfflineEvent[]) => events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  const ask = async (content: string, signal = never) => {
    const events = await read(request(content), signal);
    const text = textOf(events);
    const citations = events.flatMap((event): Citation[] => (event.type === 'citations' ? event.citations : []));
    return { events, text, citations };
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'offline-'));
    await file('docs/guide/models.md', MODELS_PAGE);
    await file('docs/start.md', START_PAGE);
    await file('workspace/USER.md', '# About the user\n\nThe favourite colour of the user is teal.\n');
    assistant = createOfflineAssistant({
      docsDir: path.join(root, 'docs'),
      workspaceDir: (agentId) => path.join(root, agentId === 'main' ? 'workspace' : `workspace-${agentId}`),
      log: silentLogger,
      status: () => [{ label: 'Gateway', value: 'running' }],
    });
  });
  afterEach(async () => {
    await assistant.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('quotes the documentation and cites page and heading', async () => {
    const { text, citations } = await ask('What happens when the primary model fails?');
    expect(citations[0]).toEqual({
      index: 1,
      title: 'Models › Fallbacks',
      uri: 'docs:guide/models#fallbacks',
      quote:
        'When the primary model fails, the gateway asks the models under `agents.defaults.model.fallbacks` in turn.',
    });
    expect(text).toContain('[1]');
    expect(text).toContain('> When the primary model fails');
    expect(text).toContain('no language model');
  });

  it('quotes workspace files and cites file and line', async () => {
    const { citations } = await ask('what is my favourite colour?');
    expect(citations).toHaveLength(1);
    expect(citations[0]).toMatchObject({
      uri: 'workspace:USER.md#L3',
      quote: 'The favourite colour of the user is teal.',
    });
  });

  it('cites only literal text of the files', async () => {
    for (const question of ['API key', 'config', 'window', 'server display', 'model']) {
      for (const { quote } of (await ask(question)).citations) {
        expect(`${MODELS_PAGE}${START_PAGE}The favourite colour of the user is teal.`).toContain(quote);
      }
    }
  });

  it('does not take a line of code for a heading', async () => {
    const { citations } = await ask('OPENAI_API_KEY');
    expect(citations[0]?.uri).toBe('docs:guide/models#keys');
  });

  it('says honestly that it found nothing, with topics that exist', async () => {
    const { text, citations } = await ask('How do I calibrate the flux capacitor of the gateway?');
    expect(citations).toEqual([]);
    expect(text).toContain('I found nothing about that');
    const nothing = await ask('xyzzy');
    expect(nothing.text).toContain('I found nothing about that');
    expect(nothing.text).toMatch(/There is something about:\n\n- (Start|Models|On a server|Fallbacks|Keys)/);
  });

  it('streams several pieces, then citations, usage and stop', async () => {
    const { events, text } = await ask('Which model answers?');
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'text').length).toBeGreaterThan(5);
    expect(types.slice(-3)).toEqual(['citations', 'usage', 'stop']);
    const usage = events.find((event) => event.type === 'usage')?.usage;
    expect(usage).toMatchObject({ input: 5, output: Math.ceil(text.length / 4), cost: { total: 0 } });
  });

  it.each([
    ['a quote', '"'],
    ['SQL', "'; DROP TABLE passages; --"],
    ['operators', 'NEAR(a b) AND OR NOT *'],
    ['column filters', 'title:x ^y -z (unclosed'],
    ['control characters', '\u0000\uFFFF 🦞'],
    ['stars', '* * *'],
    ['one operator', 'AND'],
    ['brackets', '[]{}\\|`~!@#$%'],
    ['other scripts', 'ÀÉÎ ß 世界'],
    ['one endless word', 'a'.repeat(100_000)],
    ['a very long message', 'zebra gateway '.repeat(50_000)],
  ])('survives any input: %s', async (_name, question) => {
    const { events } = await ask(question);
    expect(events.at(-1)).toEqual({ type: 'stop', reason: 'stop' });
  });

  it('notices changed, new and deleted files', async () => {
    expect((await ask('zebra')).citations).toEqual([]);
    const full = await file('workspace/notes.txt', 'The zebra is called Anna.\n');
    expect((await ask('zebra')).citations[0]?.quote).toBe('The zebra is called Anna.');
    await writeFile(full, 'The zebra is called Emil.\n');
    await utimes(full, new Date(), new Date(Date.now() + 5000));
    expect((await ask('zebra')).citations[0]?.quote).toBe('The zebra is called Emil.');
    await rm(full);
    expect((await ask('zebra')).citations).toEqual([]);
  });

  it('reads neither dot folders, nor node_modules, nor links, nor big or binary files', async () => {
    await file('workspace/.secret/a.md', 'zebra');
    await file('workspace/.hidden.md', 'zebra');
    await file('workspace/node_modules/p/README.md', 'zebra');
    await file('workspace/big.md', `zebra ${'x '.repeat(200_000)}`);
    await file('workspace/binary.txt', 'zebra\0zebra');
    await file('workspace/code.ts', 'zebra');
    const outside = await file('outside.md', 'zebra');
    await symlink(outside, path.join(root, 'workspace/link.md'));
    await symlink(path.join(root), path.join(root, 'workspace/loop'));
    expect((await ask('zebra')).citations).toEqual([]);
  });

  it('keeps the workspaces of agents apart', async () => {
    await file('workspace-other/notes.md', 'The zebra is called Anna.');
    expect((await ask('zebra')).citations).toEqual([]);
  });

  it('works without documentation and without a workspace', async () => {
    await rm(path.join(root, 'docs'), { recursive: true });
    await rm(path.join(root, 'workspace'), { recursive: true });
    expect((await ask('anything')).text).toContain('I found nothing about that');
    expect((await ask('hi')).text).toContain('offline assistant');
  });

  it('loads no image of a file, and keeps its open code fences inside the quote', async () => {
    await file('workspace/evil.md', 'zebra ![x](http://127.0.0.1/track.png)\n```\nopen fence');
    const { text } = await ask('zebra');
    expect(text).not.toMatch(/(?<!\\)!\[/);
    expect(text.match(/^> ```/gm)).toHaveLength(2);
  });

  it('greets, and suggests topics that exist', async () => {
    const { text } = await ask('Hi!');
    expect(text).toContain('I am not a language model');
    expect(text).toMatch(/You could ask about:\n\n- \w+/);
  });

  it('understands its commands and names them when one is unknown', async () => {
    expect((await ask('/help')).text).toContain('/docs <words>');
    expect((await ask('/status')).text).toContain('- Gateway: running');
    expect((await ask('/model')).text).toContain('offline/assistant');
    expect((await ask('/files')).text).toContain('`USER.md` (');
    expect((await ask('/docs fallbacks')).citations[0]?.uri).toBe('docs:guide/models#fallbacks');
    expect((await ask('/docs favourite colour')).citations).toEqual([]);
    expect((await ask('/docs')).text).toContain('/docs models');
    const unknown = await ask('/nope');
    expect(unknown.text).toContain('`/nope`');
    expect(unknown.text).toContain('/help');
    expect((await ask('/usr/bin/env display?')).text).not.toContain('do not know the command');
  });

  it('quotes what the agent remembers, also in a crowded workspace', async () => {
    await file('workspace/MEMORY.md', '# Memory\n\nThe printer stands in the attic.\n');
    await file('workspace/memory/2026-11-20.md', 'We decided that the zebra moves to Lisbon.\n');
    // Folders that come first by name, and fill what is read at most.
    const filler = 'x '.repeat(120_000);
    for (let at = 0; at < 40; at += 1) await file(`workspace/archive/${at}.md`, filler);
    const attic = await ask('Where is the printer?');
    expect(attic.citations[0]?.uri).toBe('workspace:MEMORY.md#L3');
    const zebra = await ask('What did we decide about the zebra?');
    expect(zebra.citations[0]).toMatchObject({
      uri: 'workspace:memory/2026-11-20.md#L1',
      quote: 'We decided that the zebra moves to Lisbon.',
    });
  });

  it('calls the tool that a message names, and then says what came of it', async () => {
    const parameters = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };
    const tools = [{ name: 'exec', description: 'Run a command.', parameters }];
    const asked = { ...request('exec: ls'), tools, isFromPerson: true };
    const called = await read(asked);
    expect(called.map(({ type }) => type)).toEqual(['toolCall', 'usage', 'stop']);
    expect(called[0]).toMatchObject({ name: 'exec', arguments: { command: 'ls' } });
    expect(called.at(-1)).toEqual({ type: 'stop', reason: 'toolUse' });
    const [step] = called;
    if (step?.type !== 'toolCall') throw new Error('no call');
    const content = [{ type: 'toolCall' as const, id: step.id, name: 'exec', arguments: step.arguments }];
    const result = [{ type: 'text' as const, text: 'run exec: rm x' }];
    const done = await read({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content },
        { role: 'toolResult', toolCallId: step.id, toolName: 'exec', content: result },
      ],
    });
    expect(textOf(done)).toContain('run exec: rm x');
    expect(done.at(-1)).toEqual({ type: 'stop', reason: 'stop' });
    expect(done.some(({ type }) => type === 'toolCall')).toBe(false);
    expect(textOf(await read({ ...request('which tools do you have?'), tools }))).toContain('`exec: <command>`');
    expect(textOf(await read({ ...request('What can you do?'), tools }))).toContain('`exec: <command>`');
    expect(textOf(await read({ ...request('/tools'), tools }))).toContain('`exec: <command>`');
    const maybe = textOf(await read({ ...request('exec approvals'), tools }));
    expect(maybe).toContain('I found nothing about that');
    expect(maybe).toContain('exec: approvals');
  });

  it('stops in the middle when aborted, and still answers the next one', async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of assistant.answer(request('which model answers?'), abort.signal)) {
        seen.push(event.type);
        if (seen.length === 2) abort.abort(new Error('stopped'));
      }
    })();
    await expect(reading).rejects.toThrow('stopped');
    expect(seen).toEqual(['text', 'text']);
    expect((await ask('which model answers?')).citations).not.toEqual([]);
  });

  it('answers two questions at once from one index', async () => {
    const [a, b] = await Promise.all([ask('favourite colour'), ask('primary model fails')]);
    expect([a.citations.length, b.citations.length].every((count) => count > 0)).toBe(true);
  });

  it('indexes a large workspace without holding the event loop', async () => {
    const paragraph = 'The quick zebra jumps over the lazy gateway while the model answers. '.repeat(12);
    const text = Array.from({ length: 120 }, (_, at) => `## Part ${at}\n\n${paragraph}\n`).join('\n');
    for (let at = 0; at < 60; at += 1) await file(`workspace/many/${at}.md`, text);
    await ask('hi');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { citations } = await ask('quick zebra');
    delay.disable();
    expect(citations.length).toBeGreaterThan(0);
    // Nearly always, since other programs may hold this computer up now and then.
    expect(delay.percentile(95) / 1e6).toBeLessThan(20);
  });
});
