// The recorded conversations of the reference, replayed in order against a whole gateway with a fake model.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { startGateway } from '../../src/compose/gateway.js';
import type { RunningGateway } from '../../src/compose/types.js';
import type { RequestFrame } from '../../src/protocol/index.js';
import { events, type GoldenExchange, exchanges, readGolden, shapeFaults, splitCases } from './golden.js';
import type { RawClient, WireFrame } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';
import { TOKEN } from './test-server.js';

/** The handshake, before the first note. */
const UNNAMED = '';
const LATER_EVENTS = new Set(['heartbeat', 'tick', 'health', 'session.tool', 'connect.challenge']);
/** Keys that a row or an entry may lack: channels and tools fill them, or they come with the first answer. */
const OPTIONAL = new Set(
  [
    ...['displayName', 'chatType', 'origin', 'deliveryContext', 'lastChannel', 'lastTo', 'thinkingLevel'],
    ...['systemSent', 'inputTokens', 'outputTokens', 'totalTokens', 'estimatedCostUsd', 'endedAt', 'runtimeMs'],
    ...['systemPromptReport', 'lastCallUsage', 'sessionFile', 'compactionCount', 'skillsSnapshot', 'ip'],
    // The reference's own mark on the message of a stopped run.
    'idempotencyKey',
  ].map((key) => `${key}: missing`),
);
const FINAL_STATES = new Set(['final', 'error', 'aborted']);

interface LoosePayload {
  runId?: string;
  status?: string;
  state?: string;
  stream?: string;
  reason?: string;
  phase?: string;
  data?: { phase?: string };
  message?: { role?: string; openclawAbort?: unknown; content?: unknown };
}

const payloadOf = (frame: WireFrame): LoosePayload => (frame.payload ?? {}) as LoosePayload;

/** Differences that matter. Message content may be a text or a list of parts. */
function faultsOf(recorded: unknown, ours: unknown): string[] {
  return shapeFaults(recorded, ours).filter((fault) => {
    const leaf = fault.slice(fault.lastIndexOf('.') + 1);
    return !OPTIONAL.has(leaf) && !/\bcontent: (string became array|array became string)$/.test(fault);
  });
}

function kindOf(frame: WireFrame): string {
  const { stream, data, state, reason, phase, message } = payloadOf(frame);
  const abort = message?.openclawAbort ? 'aborted message' : undefined;
  return [frame.event, stream, data?.phase, state, reason, phase, message?.role, abort].filter(Boolean).join(' ');
}

describe('a whole gateway', () => {
  let home: string;
  let model: FakeModel;
  let gateway: RunningGateway;
  let client: RawClient;

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'openclaw-golden-'));
    model = await startFakeModel({ slowDelayMs: 40, slowWords: 500 });
    const models = [{ id: 'fake-1', name: 'Fake One', contextWindow: 128_000, reasoning: true, input: ['text'] }];
    const fake = { baseUrl: model.url, apiKey: 'fake-key-1', api: 'openai-completions', models };
    const config = {
      gateway: { mode: 'local', auth: { mode: 'token', token: TOKEN } },
      logging: { file: path.join(home, 'gateway.log') },
      agents: { defaults: { model: { primary: 'fake/fake-1' } } },
      models: { mode: 'replace', providers: { fake } },
    };
    await mkdir(path.join(home, '.openclaw'), { recursive: true });
    await writeFile(path.join(home, '.openclaw', 'openclaw.json'), JSON.stringify(config));
    const env = { HOME: home, USERPROFILE: home, PATH: process.env.PATH, TMPDIR: home };
    gateway = await startGateway({ env, cwd: home, flags: { port: 0 } });
    client = await join({
      url: gateway.url,
      device: createTestDevice(),
      auth: { token: TOKEN },
      client: { id: 'gateway-client', mode: 'ui', displayName: 'rec' },
      caps: ['tool-events'],
    });
  });
  afterAll(async () => {
    await client.close();
    await gateway.stop();
    await model.close();
    await rm(home, { recursive: true, force: true });
  });

  const chatOf = (runId: string | undefined, isWanted: (state: string) => boolean) =>
    client.next(
      (frame) => frame.event === 'chat' && payloadOf(frame).runId === runId && isWanted(payloadOf(frame).state ?? ''),
      `a chat event of ${runId}`,
    );

  const isAbout = (request: RequestFrame | undefined, runId: string | undefined): boolean => {
    const { idempotencyKey, runId: named } = (request?.params ?? {}) as { idempotencyKey?: string; runId?: string };
    return runId !== undefined && (idempotencyKey === runId || named === runId);
  };

  /** Lets a run end before the next request, unless that one is about this very run. */
  async function settle(answer: WireFrame, next: RequestFrame | undefined): Promise<void> {
    const { runId, status } = payloadOf(answer);
    if (status === 'started' && !isAbout(next, runId)) await chatOf(runId, (state) => FINAL_STATES.has(state));
    // The reference had sent some text before it was stopped.
    if (status === 'in_flight' && next?.method === 'chat.abort') await chatOf(runId, (state) => state === 'delta');
    if (status === 'in_flight' && !isAbout(next, runId)) await chatOf(runId, (state) => FINAL_STATES.has(state));
  }

  async function replay({ request, responses }: GoldenExchange, next: RequestFrame | undefined): Promise<void> {
    client.send(request);
    for (const recorded of responses) {
      const answer = await client.response(request.id);
      const what = `${request.id} ${request.method}`;
      expect([answer.ok, answer.error?.code, answer.error?.message], what).toEqual([
        recorded.ok,
        recorded.error?.code,
        recorded.error?.message,
      ]);
      expect(faultsOf(recorded.payload, answer.payload), what).toEqual([]);
      expect(payloadOf(answer).status, what).toBe(payloadOf(recorded).status);
      await settle(answer, next);
    }
  }

  const cases = splitCases(readGolden('04-agent-chat-sessions')).filter(({ name }) => name !== UNNAMED);

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_name, golden) => {
    const all = exchanges(golden.lines);
    expect(all).not.toEqual([]);
    for (const [index, exchange] of all.entries()) await replay(exchange, all[index + 1]?.request);
  });

  it('sent every kind of event that was recorded, in its shape and with or without a number', () => {
    const ours = client.received.filter(({ type, event = '' }) => type === 'event' && !LATER_EVENTS.has(event));
    const recorded = cases.flatMap(({ lines }) => events(lines));
    const kinds = new Map(recorded.map((frame) => [kindOf(frame), frame]));
    for (const [kind, frame] of kinds) {
      if (LATER_EVENTS.has(frame.event ?? '') || kind.endsWith('compact')) continue;
      // Rows grow with a session: it is enough when one of the same kind has all the recorded keys.
      const mine = ours.filter((candidate) => kindOf(candidate) === kind);
      const best = mine.map((candidate) => faultsOf(frame, candidate)).sort((x, y) => x.length - y.length)[0];
      expect(best, kind).toEqual([]);
      expect(new Set(mine.map((candidate) => 'seq' in candidate)), kind).toEqual(new Set(['seq' in frame]));
    }
  });

  it('ended every run with exactly one final event', () => {
    const finals = client.received.filter((frame) => {
      return frame.event === 'chat' && FINAL_STATES.has(payloadOf(frame).state ?? '');
    });
    const runs = finals.map((frame) => payloadOf(frame).runId);
    expect(runs).toHaveLength(new Set(runs).size);
    expect(runs).toContain('chat-2');
  });

  const reads = exchanges(readGolden('02-methods-read')).filter(({ request }) => request.id !== 'c1');

  it.each(reads.map((exchange) => [exchange.request.id, exchange.request.method, exchange] as const))(
    '%s %s reads in the recorded shape',
    async (_id, method, { request, responses }) => {
      const answer = await client.call(method, request.params);
      expect([answer.ok, answer.error]).toEqual([responses[0]?.ok, responses[0]?.error]);
      expect(faultsOf(responses[0]?.payload, answer.payload)).toEqual([]);
    },
  );
});
