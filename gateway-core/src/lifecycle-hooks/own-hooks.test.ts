import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editValue, type OpenClawConfig } from '../config/index.js';
import { areHooksOn, disableEdits, enableEdits, type SaidMessage } from './index.js';
import { slugOf } from './session-memory.js';
import { EVENT_MS, type HookBench, makeHookBench } from './testing.js';

let bench: HookBench;
let said: SaidMessage[];
beforeEach(async () => {
  bench = await makeHookBench();
  bench.config = { hooks: { internal: { enabled: true } } };
});
afterEach(async () => {
  await bench.hooks.stop();
  await bench.remove();
});

const SESSION = { agentId: 'main', sessionKey: 'agent:main:main', sessionId: 's1' };
const notes = () => readdir(path.join(bench.workspace, 'memory'));
const note = (name: string) => readFile(path.join(bench.workspace, 'memory', name), 'utf8');
const emitNew = async () => {
  bench.hooks.emit({ name: 'command:new', ...SESSION, channel: 'telegram', said });
  await bench.hooks.settled();
};

describe('session-memory', () => {
  it('keeps the end of a conversation, one line for each message', async () => {
    said = [
      { role: 'user', text: 'Où est Ada?\n# Not a heading' },
      { role: 'assistant', text: 'In Paris.' },
      { role: 'user', text: '   ' },
    ];
    await emitNew();
    expect(await notes()).toEqual(['2026-03-04-ou-est-ada-not-a-heading.md']);
    expect(await note('2026-03-04-ou-est-ada-not-a-heading.md')).toBe(
      `# Conversation that ended 2026-03-04 05:06

- Conversation: agent:main:main
- Channel: telegram
- Ended by: command:new

## Last messages

- User: Où est Ada? # Not a heading
- Agent: In Paris.
`,
    );
  });

  it('never writes over a note that is there', async () => {
    said = [{ role: 'user', text: 'tea' }];
    await emitNew();
    await emitNew();
    expect(await notes()).toEqual(['2026-03-04-tea-2.md', '2026-03-04-tea.md']);
  });

  it('takes as many messages as the settings say', async () => {
    said = Array.from({ length: 30 }, (_, index) => ({ role: 'user' as const, text: `m${index}` }));
    await emitNew();
    expect((await note((await notes())[0] ?? '')).match(/^- User: /gm)).toHaveLength(15);
    bench.config = { hooks: { internal: { enabled: true, entries: { 'session-memory': { messages: 2 } } } } };
    await emitNew();
    expect(await note('2026-03-04-m28.md')).toContain('- User: m28\n- User: m29\n');
  });

  it('writes nothing without words of the user, or out of the workspace', async () => {
    said = [{ role: 'assistant', text: 'Hello' }];
    await emitNew();
    await expect(notes()).rejects.toMatchObject({ code: 'ENOENT' });
    said = [{ role: 'user', text: 'hi' }];
    await mkdir(path.join(bench.dir, 'elsewhere'));
    await symlink(path.join(bench.dir, 'elsewhere'), path.join(bench.workspace, 'memory'));
    await emitNew();
    expect(await readdir(path.join(bench.dir, 'elsewhere'))).toEqual([]);
    expect(bench.records).toMatchObject([{ level: 'warn', message: 'A hook failed.' }]);
  });

  it.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['日本語', '0506'],
    [`${'long '.repeat(50)}`, 'long-long-long-long-long-long-long-long'],
    ['', '0506'],
  ])('names the file after %j', (text, slug) => {
    expect(slugOf([{ role: 'user', text }], EVENT_MS)).toBe(slug);
  });
});

describe('command-logger', () => {
  const file = () => path.join(bench.stateDir, 'logs', 'commands.log');

  it('writes a line for each command', async () => {
    bench.hooks.emit({ name: 'command:reset', ...SESSION, senderId: 'u\n1', channel: 'telegram' });
    bench.hooks.emit({ name: 'command:stop', ...SESSION });
    bench.hooks.emit({ name: 'message:sent', ...SESSION });
    await bench.hooks.settled();
    const lines = (await readFile(file(), 'utf8')).trim().split('\n');
    const timestamp = new Date(EVENT_MS).toISOString();
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { timestamp, action: 'reset', sessionKey: 'agent:main:main', senderId: 'u 1', source: 'telegram' },
      { timestamp, action: 'stop', sessionKey: 'agent:main:main', senderId: 'unknown', source: 'webchat' },
    ]);
  });

  it('begins a new file when the old one is full', async () => {
    await mkdir(path.dirname(file()), { recursive: true });
    await writeFile(file(), '');
    await truncate(file(), 5 * 1024 * 1024);
    bench.hooks.emit({ name: 'command:stop', ...SESSION });
    await bench.hooks.settled();
    expect((await readFile(file(), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(await readdir(path.dirname(file()))).toEqual(['commands.log', 'commands.log.1']);
  });
});

describe('switching hooks', () => {
  const all = [
    { name: 'a', source: 'openclaw-bundled' },
    { name: 'b', source: 'openclaw-managed' },
    { name: 'c', source: 'openclaw-workspace', sha256: 'f00' },
  ] as const;
  const entries = (config: unknown) => (config as OpenClawConfig).hooks?.internal?.entries;

  it('on leaves the others as they were', () => {
    const config = editValue({}, enableEdits({}, all[0], all)) as OpenClawConfig;
    expect(areHooksOn(config)).toBe(true);
    expect(entries(config)).toEqual({ a: { enabled: true }, b: { enabled: false } });
    expect(entries(editValue(config, enableEdits(config, all[2], all)))).toEqual({
      a: { enabled: true },
      b: { enabled: false },
      c: { enabled: true, sha256: 'f00' },
    });
  });

  it('off touches one', () => {
    expect(entries(editValue({}, disableEdits('a')))).toEqual({ a: { enabled: false } });
  });
});
