// What a run does differently because of where it comes from.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { messageText } from '../protocol/index.js';
import { requireSessionKey } from '../sessions/index.js';
import { type Clock, systemClock } from '../shared/clock.js';
import type { RunHappening, StartRun } from './index.js';
import { Bench, type BenchOptions, says, steps } from './testing/bench.js';

const MINUTE = 60_000;
const MAIN = requireSessionKey('main', 'main');
const benches: Bench[] = [];

async function open(options: BenchOptions): Promise<Bench> {
  const bench = await Bench.open(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

async function run(bench: Bench, request: Partial<StartRun> = {}): Promise<string> {
  const { ended, sessionId } = await bench.runs.startRun({ kind: 'agent', key: MAIN, message: 'hello', ...request });
  await ended;
  return sessionId;
}

describe('a message for a conversation that is over', () => {
  const config: OpenClawConfig = { session: { reset: { mode: 'idle', idleMinutes: 10 } } };
  let now = Date.parse('2026-11-21T12:00:00Z');
  const clock: Clock = { ...systemClock, now: () => now };

  it.each(['chat', 'agent', 'session', 'http'] as const)('begins anew, sent as %s', async (kind) => {
    const bench = await open({ script: says('ok'), config, clock });
    const first = await run(bench, { kind });
    now += 9 * MINUTE;
    expect(await run(bench, { kind })).toBe(first);
    now += 11 * MINUTE;
    expect(await run(bench, { kind })).not.toBe(first);
    expect((await bench.history()).map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('begins anew through sessions.send; the same message again changes nothing', async () => {
    const bench = await open({ script: says('ok'), config, clock });
    const first = await run(bench);
    now += 11 * MINUTE;
    const send = () => bench.call('sessions.send', { key: 'main', message: 'hello', idempotencyKey: 'two' });
    await send();
    await bench.ended('two');
    const second = (await bench.store.find(MAIN.key))?.entry.sessionId;
    expect(second).not.toBe(first);
    await send();
    expect((await bench.store.find(MAIN.key))?.entry.sessionId).toBe(second);
  });

  it('goes on in it where the sender says so, or brings results that it waits for', async () => {
    const call = { type: 'function', name: 'look', description: '', parameters: { type: 'object' } };
    const script = steps({ calls: [{ id: 'c1', name: 'look' }] }, { text: 'thanks' }, { text: 'ok' });
    const bench = await open({ script, config, clock });
    const first = await run(bench, { kind: 'http', clientTools: [call] });
    now += 11 * MINUTE;
    const result = { role: 'toolResult' as const, toolCallId: 'c1', toolName: 'look', isError: false };
    const messages = [{ ...result, content: [{ type: 'text' as const, text: 'seen' }], timestamp: now }];
    expect(await run(bench, { kind: 'http', exchange: { messages } })).toBe(first);
    now += 11 * MINUTE;
    expect(await run(bench, { renews: false })).toBe(first);
  });

  it('is refused for an agent that does not exist', async () => {
    const bench = await open({ script: says('ok'), config, clock });
    const key = requireSessionKey('agent:ghost:main', 'main');
    await expect(run(bench, { key })).rejects.toThrow('unknown agent id "ghost"');
  });
});

describe('the workspace files in the prompt', () => {
  const prompts = async (request: Partial<StartRun>) => {
    const script = steps();
    const bench = await open({ script });
    const workspace = path.join(bench.home, 'workspace');
    await mkdir(workspace, { recursive: true });
    await writeFile(path.join(workspace, 'AGENTS.md'), 'the rules of the house');
    await writeFile(path.join(workspace, 'HEARTBEAT.md'), 'look at the mail');
    await run(bench, request);
    return script.requests[0]?.system ?? '';
  };

  it('are all there by default', async () => {
    const system = await prompts({});
    expect(system).toContain('the rules of the house');
    expect(system).toContain('look at the mail');
  });

  it('are those that the run names', async () => {
    const system = await prompts({ bootstrapFiles: ['HEARTBEAT.md'] });
    expect(system).not.toContain('the rules of the house');
    expect(system).toContain('look at the mail');
  });

  it('are none when it names none', async () => {
    expect(await prompts({ bootstrapFiles: [] })).not.toContain('# Workspace files');
  });
});

describe('whoever listens to runs', () => {
  const heard = async (request: Partial<StartRun>, answer = 'hi there') => {
    const happenings: RunHappening[] = [];
    const onHappening = (happening: RunHappening) => void happenings.push(happening);
    const bench = await open({ script: says(answer), runs: { onHappening } });
    await run(bench, request);
    return happenings;
  };

  it('hears of the message, of the prompt and of the answer', async () => {
    const happenings = await heard({ runId: 'r1', origin: { channel: 'webchat' } });
    expect(happenings).toMatchObject([
      { kind: 'received', runId: 'r1', runKind: 'agent', text: 'hello', origin: { channel: 'webchat' } },
      { kind: 'bootstrap', scope: { agentId: 'main', runId: 'r1' } },
      { kind: 'sent', runId: 'r1', text: 'hi there', origin: { channel: 'webchat' } },
    ]);
  });

  it('hears nothing of an answer that is not given, and nothing at all of a quiet run', async () => {
    expect((await heard({}, 'NO_REPLY')).map(({ kind }) => kind)).toEqual(['received', 'bootstrap']);
    expect(await heard({ isQuiet: true })).toEqual([]);
  });
});

it('a tool that the policy took away is marked as refused', async () => {
  const script = steps({ calls: [{ name: 'exec' }, { name: 'dream' }] });
  const refusal = (name: string) => (name === 'exec' ? 'exec is denied by tools.deny' : undefined);
  const openToolbox = () => Promise.resolve({ tools: [], refusal });
  const bench = await open({ script, runs: { openToolbox } });
  await run(bench);
  const [denied, unknown] = (await bench.history()).filter(({ role }) => role === 'toolResult');
  expect(denied).toMatchObject({ isError: true, details: { refused: true, reason: 'exec is denied by tools.deny' } });
  expect(unknown?.details).toBeUndefined();
  expect(unknown && messageText(unknown)).toContain('There is no tool "dream"');
});

describe('that a person wrote the message is told to the model', () => {
  const provenance = { kind: 'inter_session' };
  const asked = async (send: (bench: Bench) => Promise<unknown>) => {
    const script = steps();
    const bench = await open({ script });
    await send(bench);
    await bench.until(() => bench.of('chat').some(({ state }) => state === 'final'));
    return script.requests[0]?.isFromPerson;
  };
  const chat = { sessionKey: 'main', message: 'hi', idempotencyKey: 'r1' };

  it.each<[string, boolean, (bench: Bench) => Promise<unknown>]>([
    ['chat.send', true, (bench) => bench.call('chat.send', chat)],
    [
      'chat.send for another agent',
      false,
      (bench) => bench.call('chat.send', { ...chat, systemInputProvenance: provenance }),
    ],
    [
      'sessions.send',
      true,
      (bench) => bench.chat('x').then(() => bench.call('sessions.send', { key: 'main', message: 'hi' })),
    ],
    ['agent', true, (bench) => bench.call('agent', { message: 'hi', sessionKey: 'main', idempotencyKey: 'r1' })],
    ['a program over HTTP', false, (bench) => run(bench, { kind: 'http' })],
    ['a job, a helper or a node', false, (bench) => run(bench)],
    ['a stranger on a channel', false, (bench) => run(bench, { isFromPerson: true, origin: { isOwner: false } })],
  ])('by %s: %s', async (_name, expected, send) => {
    expect(await asked(send)).toBe(expected);
  });
});

describe('the send policy of the config', () => {
  const rules = [{ action: 'deny' as const, match: { keyPrefix: 'quiet' } }];
  const config: OpenClawConfig = { session: { sendPolicy: { default: 'allow', rules } } };
  const send = (bench: Bench, sessionKey: string) =>
    bench.call('chat.send', { sessionKey, message: 'hi', idempotencyKey: sessionKey });

  it('refuses what a client sends where a rule denies it', async () => {
    const bench = await open({ script: says('ok'), config });
    await expect(send(bench, 'agent:main:quiet-room')).rejects.toThrow('send blocked by session policy');
    await send(bench, 'agent:main:loud-room');
    await bench.ended('agent:main:loud-room');
  });

  it('gives way to the setting of the conversation, and is not asked for jobs', async () => {
    const bench = await open({ script: says('ok'), config });
    await run(bench, { key: requireSessionKey('agent:main:quiet-room', 'main') });
    await bench.call('sessions.patch', { key: 'agent:main:quiet-room', sendPolicy: 'allow' });
    await send(bench, 'agent:main:quiet-room');
    await bench.ended('agent:main:quiet-room');
  });
});
