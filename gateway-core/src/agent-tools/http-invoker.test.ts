import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { systemClock } from '../shared/clock.js';
import { AppError } from '../shared/app-error.js';
import { createToolbox, textResult, type Tool, type ToolContext } from '../tools/index.js';
import { silentLogger } from '../shared/logger.js';
import { createHttpToolInvoker } from './index.js';
import { House, type HouseOptions } from './testing/house.js';

let house: House | undefined;
afterEach(() => house?.remove());

const MAIN = 'agent:main:main';
const defaults = () => ({ provider: 'fake', model: 'fake-1', contextTokens: 1000 });

function tool(name: string, group: Tool['group'], execute: Tool['execute']): Tool {
  const parameters = { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] };
  return { name, group, label: name, description: name, parameters, execute };
}

async function open(options: HouseOptions = {}, others: readonly Tool[] = []) {
  const made = (house = await House.open(options));
  let asked = 0;
  const openToolbox = createToolbox({
    sources: [made.tools, { tools: () => others }],
    config: () => {
      asked += 1;
      return made.config;
    },
    facts: () => ({ isSandboxed: false }),
    log: silentLogger,
  });
  const base = { config: () => made.config, store: made.store, defaults, clock: systemClock };
  const invoker = createHttpToolInvoker({ ...base, openToolbox, newId: () => 'id', workspaceDir: () => made.home });
  const invoke = async (name: string, args: Record<string, unknown> = {}, sessionKey = MAIN) => {
    const json = await invoker.invoke({ name, args, sessionKey });
    return json === undefined ? undefined : (JSON.parse(json) as { content: Array<{ text: string }>; details: never });
  };
  return { made, invoker, invoke, asked: () => asked, base };
}

describe('tools over HTTP', () => {
  it('lists every conversation in the shape clients know', async () => {
    const { made, invoke } = await open();
    await made.session(MAIN, { label: 'a "quoted"\nlabel', updatedAt: 5 });
    await made.session('agent:main:side', { updatedAt: 9 });
    const result = await invoke('sessions_list', { action: 'json' });
    expect(result?.details).toMatchObject({
      count: 2,
      sessions: [{ key: 'agent:main:side' }, { key: MAIN, kind: 'main' }],
    });
    expect(result?.content[0]?.text).toBe(JSON.stringify(result?.details, null, 2));
    expect((await invoke('sessions_list', { kinds: ['main'], limit: 1 }))?.details).toMatchObject({ count: 1 });
  });

  it('asks the policy once for a conversation, and anew when the config is another', async () => {
    const { made, invoker, asked, base } = await open();
    let config: OpenClawConfig = made.config;
    const counting = createHttpToolInvoker({ ...base, config: () => config, openToolbox: made.openToolbox });
    const list = () => counting.invoke({ name: 'sessions_list', args: {}, sessionKey: MAIN });
    expect(await list()).toBeDefined();
    made.config.tools = { deny: ['sessions_list'] };
    expect(await list()).toBeDefined();
    config = { ...made.config };
    expect(await list()).toBeUndefined();
    made.config.tools = undefined;
    for (let round = 0; round < 50; round += 1)
      await invoker.invoke({ name: 'sessions_list', args: {}, sessionKey: MAIN });
    expect(asked()).toBe(1);
  });

  it('renders a thousand lists of two thousand conversations without making rows anew', async () => {
    const { made, invoker } = await open();
    const index = await made.store.index('main');
    for (let at = 0; at < 2_000; at += 1) {
      index.set(`agent:main:s${at}`, { sessionId: `s${at}`, updatedAt: at });
    }
    const call = { name: 'sessions_list', args: {}, sessionKey: MAIN };
    const first = await invoker.invoke(call);
    const startedAt = performance.now();
    for (let round = 0; round < 1_000; round += 1) expect((await invoker.invoke(call))?.length).toBe(first?.length);
    // Ten times what the budget asks, so that a busy machine does not decide.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('says what is wrong with arguments', async () => {
    const { invoke } = await open({}, [tool('web_fetch', 'web', async () => textResult('page'))]);
    await expect(invoke('sessions_history')).rejects.toThrow('sessionKey required');
    await expect(invoke('sessions_history', { sessionKey: 'nope' })).rejects.toThrow('Unknown sessionKey: nope');
    await expect(invoke('session_status', { model: 'x' })).rejects.toThrow('sessions.patch');
    expect((await invoke('session_status', { sessionKey: 123 }))?.details).toMatchObject({
      ok: true,
      sessionKey: MAIN,
    });
    await expect(invoke('web_fetch', {})).rejects.toThrow('The arguments of web_fetch are wrong');
    expect((await invoke('web_fetch', { url: 'x' }))?.content[0]?.text).toBe('page');
  });

  it('reaches no file, no command and no foreign tool, whatever the policy allows', async () => {
    const run = async () => textResult('reached');
    const others = [tool('exec', 'runtime', run), tool('read', 'fs', run), tool('mine__x', 'mcp', run)];
    // A foreign tool does not get in under a name of ours.
    const { invoke } = await open({}, [...others, tool('browser', 'mcp', run)]);
    for (const name of ['exec', 'process', 'read', 'write', 'edit', 'apply_patch', 'mine__x', 'browser', 'nope']) {
      expect(await invoke(name, { url: 'x' })).toBeUndefined();
    }
  });

  it('refuses what the policy refuses to the conversation', async () => {
    const { made, invoke } = await open({ config: { tools: { profile: 'minimal' } } });
    expect(await invoke('session_status')).toBeDefined();
    for (const name of ['sessions_list', 'sessions_history', 'agents_list', 'message', 'gateway']) {
      expect(await invoke(name, { text: 'x', action: 'status' })).toBeUndefined();
    }
    expect(made.announced).toEqual([]);
    await expect(invoke('message', { text: 'x' }, 'agent:nobody:main')).rejects.toThrow('unknown agent id "nobody"');
  });

  it('treats a helper as one', async () => {
    const { made, invoke } = await open();
    await made.session('agent:main:odd', { spawnDepth: 1 });
    for (const key of ['agent:main:subagent:x', 'agent:main:odd']) {
      expect(await invoke('message', { text: 'x' }, key)).toBeUndefined();
      expect(await invoke('sessions_list', {}, key)).toBeUndefined();
    }
  });

  it('gives tools the conversation, and callers the sentence of a refusal', async () => {
    const seen: ToolContext[] = [];
    const others = [
      tool('web_fetch', 'web', async (_args, context) => {
        seen.push(context);
        throw new AppError('web.address_refused');
      }),
      tool('web_search', 'web', () => Promise.reject(new AppError('web.search_failed'))),
      tool('image', 'media', async () => ({ ...textResult('no picture'), isError: true })),
    ];
    const { invoke } = await open({}, others);
    await expect(invoke('web_fetch', { url: 'x' })).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringContaining('This address may not be opened.'),
    });
    expect(seen[0]).toMatchObject({
      agentId: 'main',
      sessionKey: MAIN,
      runId: 'http-id',
      isMain: true,
      subagentDepth: 0,
    });
    await expect(seen[0]?.workplace()).rejects.toThrow('no place to work');
    await expect(invoke('web_search', { url: 'x' })).rejects.toMatchObject({ code: 'web.search_failed' });
    await expect(invoke('image', { url: 'x' })).rejects.toThrow('no picture');
  });

  it('starts helpers for callers too, and their result comes to the conversation', async () => {
    const { made, invoke } = await open();
    await made.session(MAIN);
    expect((await invoke('sessions_spawn', { task: 'x' }))?.details).toMatchObject({ status: 'accepted' });
    await made.until(() => made.starts.length === 2 && made.runs.active() === 0);
    expect(made.starts[1]).toMatchObject({ key: { key: MAIN } });
  });
});
