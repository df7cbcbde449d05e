// A node that asked for a conversation hears its chat, over a real socket, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient, WireFrame } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

const MAIN = 'agent:main:main';
const WAIT = { timeout: 20_000, interval: 25 };

let stage: GoldenStage;
let operator: RawClient;
const nodes: RawClient[] = [];

beforeAll(async () => {
  stage = await startGoldenStage();
  operator = await join({
    ...{ url: stage.gateway.url, device: createTestDevice(), auth: { token: RECORDED.token }, timeoutMs: 20_000 },
  });
}, 60_000);
afterAll(async () => {
  for (const client of [operator, ...nodes]) await client.close();
  await stage.stop();
}, 60_000);

async function openNode(): Promise<RawClient> {
  const node = await join({
    ...{ url: stage.gateway.url, device: createTestDevice(), auth: { token: RECORDED.token }, timeoutMs: 20_000 },
    ...{ role: 'node', scopes: [], client: { id: 'node-host', mode: 'node', platform: 'linux' } },
  });
  nodes.push(node);
  return node;
}

async function tell(node: RawClient, event: string, payload: object): Promise<void> {
  expect(await node.call('node.event', { event, payloadJSON: JSON.stringify(payload) })).toMatchObject({ ok: true });
}

const heard = (client: RawClient, from = 0): WireFrame[] =>
  client.received.slice(from).filter(({ event }) => event === 'chat' || event === 'agent');
const bodies = (frames: WireFrame[]) => frames.map(({ event, payload }) => ({ event, payload }));

/** One exchange; the frames of it that the operator got. */
async function say(sessionKey: string, text: string): Promise<WireFrame[]> {
  stage.model.push({ parts: [{ text: `answer to ${text}` }] });
  const mark = operator.received.length;
  const runId = `say-${text}`;
  await operator.call('chat.send', { sessionKey, message: text, idempotencyKey: runId });
  const mine = () => heard(operator, mark).filter(({ payload }) => (payload as { runId: string }).runId === runId);
  const isLast = ({ payload }: WireFrame) => (payload as { state?: string }).state === 'final';
  await expect.poll(() => mine().some(isLast), WAIT).toBe(true);
  return mine();
}

/** Answers come in the order of the questions: what was sent to the node before has arrived then. */
const settled = (node: RawClient) => node.call('health', {});

describe('chat.subscribe of a node', () => {
  it('brings the chat and agent events of that conversation as everybody gets them, without seq', async () => {
    const node = await openNode();
    await tell(node, 'chat.subscribe', { sessionKey: 'main' });
    const sent = await say(MAIN, 'one');
    await settled(node);
    expect(bodies(heard(node))).toEqual(bodies(sent));
    expect(new Set(sent.map(({ event }) => event))).toEqual(new Set(['chat', 'agent']));
    expect(heard(node).every((frame) => frame.seq === undefined)).toBe(true);
    const last = heard(node).at(-1)?.payload;
    expect(JSON.stringify(last)).toContain('answer to one');
  });

  it('brings nothing of other conversations, and nothing to other nodes', async () => {
    const [node, other] = [await openNode(), await openNode()];
    await tell(node, 'chat.subscribe', { sessionKey: 'agent:main:kitchen' });
    await say(MAIN, 'two');
    await say('kitchen', 'three');
    await settled(node);
    await settled(other);
    expect(heard(node).length).toBeGreaterThan(0);
    expect(JSON.stringify(heard(node))).not.toContain('two');
    expect(heard(other)).toEqual([]);
  });

  it('counts once, ends with chat.unsubscribe, and does not come back by itself', async () => {
    const node = await openNode();
    for (const sessionKey of ['main', MAIN]) await tell(node, 'chat.subscribe', { sessionKey });
    const sent = await say(MAIN, 'four');
    await settled(node);
    expect(heard(node)).toHaveLength(sent.length);
    await tell(node, 'chat.unsubscribe', { sessionKey: 'main' });
    const mark = node.received.length;
    await say(MAIN, 'five');
    await settled(node);
    expect(heard(node, mark)).toEqual([]);
  });

  it('is over when the connection is', async () => {
    const device = createTestDevice();
    const options = { url: stage.gateway.url, device, auth: { token: RECORDED.token }, timeoutMs: 20_000 };
    const asNode = { ...options, role: 'node', scopes: [], client: { id: 'node-host', mode: 'node' } };
    const before = await join(asNode as never);
    await tell(before, 'chat.subscribe', { sessionKey: 'main' });
    await before.close();
    const after = await join(asNode as never);
    nodes.push(after);
    await say(MAIN, 'six');
    await settled(after);
    expect(heard(after)).toEqual([]);
  });

  it('with a conversation that cannot be is taken and leads to nothing', async () => {
    const node = await openNode();
    for (const sessionKey of ['agent:', '', '   ']) await tell(node, 'chat.subscribe', { sessionKey });
    await say(MAIN, 'seven');
    await settled(node);
    expect(heard(node)).toEqual([]);
  });
});
