// Nodes over real files, with the words and shapes of golden/05.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceStore } from '../../src/devices/index.js';
import {
  allowedCommands,
  type CommandSettings,
  createNodes,
  createNodesMethods,
  type NodeEventSinks,
  nodePlatform,
  type Nodes,
} from '../../src/nodes/index.js';
import { silentLogger } from '../../src/shared/logger.js';
import type { ConnectedClient } from '../../src/shared/wire.js';
import { exchanges, readGolden, shapeFaults } from './golden.js';
import { ManualClock } from './manual-clock.js';
import { ADMIN, call, errorFaults, EventLog, nodeCaller, nodeClient, settle, withTempDir } from './wire-bench.js';

const NODE = '3fe3cfeb5ab39762cbc0587144e5454a32592944afb6e896798f2757d9349073';
const recorded = exchanges(readGolden('05-cron-devices-nodes-config'));
const goldenOf = (id: string, method: string) =>
  recorded
    .filter(({ request }) => request.id === id && request.method === method)
    .flatMap(({ responses }) => responses)
    .at(-1);

describe('the command allowlist', () => {
  it.each([
    ['linux', undefined, 'linux'],
    ['Windows_NT', undefined, 'windows'],
    ['win32', undefined, 'windows'],
    ['darwin', undefined, 'macos'],
    ['macOS 26', undefined, 'macos'],
    ['iOS 26.1', undefined, 'ios'],
    ['x', 'iPad', 'ios'],
    ['android', undefined, 'android'],
    ['plan9', 'Mac', 'macos'],
    ['plan9', undefined, 'unknown'],
  ])('takes %s (%s) for %s', (platform, family, expected) => {
    expect(nodePlatform(platform, family)).toBe(expected);
  });

  it.each([
    ['linux', ['system.run', 'system.which', 'browser.proxy'], ['canvas.navigate', 'camera.list', 'camera.snap']],
    ['windows', ['system.notify'], ['location.get']],
    ['macos', ['system.run', 'canvas.eval', 'photos.latest'], ['camera.snap', 'screen.record', 'sms.send']],
    ['ios', ['canvas.eval', 'location.get', 'device.status'], ['system.run', 'camera.clip', 'sms.search']],
    ['android', ['notifications.list', 'sms.search', 'device.health'], ['system.run', 'sms.send', 'contacts.add']],
    ['unknown', ['canvas.present', 'system.notify'], ['system.run', 'device.info']],
  ] as const)('%s may be asked for %j and not for %j', (platform, yes, no) => {
    const allowed = allowedCommands(platform);
    for (const command of yes) expect(allowed.has(command), command).toBe(true);
    for (const command of no) expect(allowed.has(command), command).toBe(false);
  });

  it('grows with allowCommands and shrinks with denyCommands, which wins', () => {
    const settings = { allowCommands: [' camera.snap ', 'sms.send', ''], denyCommands: ['sms.send', 'canvas.eval'] };
    const allowed = allowedCommands('ios', settings);
    expect(allowed.has('camera.snap')).toBe(true);
    expect(allowed.has('sms.send')).toBe(false);
    expect(allowed.has('canvas.eval')).toBe(false);
    expect(allowed.has('')).toBe(false);
  });
});

describe('node.*', () => {
  let temp: Awaited<ReturnType<typeof withTempDir>>;
  let devices: DeviceStore;
  let nodes: Nodes;
  let log: EventLog;
  let clock: ManualClock;
  let settings: CommandSettings;
  let connect: (client: ConnectedClient) => void;
  let disconnect: (connId: string) => void;
  let heard: Array<[string, unknown]>;
  let canvasHostUrl: string | undefined;
  let allowedRuns: Map<string, 'allow-once' | 'allow-always'>;

  const sinks: NodeEventSinks = {
    message: (source, message) => void heard.push([source, message]),
    systemEvent: (event) => void heard.push(['event', event]),
    chatSubscription: (change) => void heard.push(['chat', change]),
  };
  const ask = (method: string, params: object = {}, caller = ADMIN) =>
    call(createNodesMethods(nodes), method, params, caller);
  const asNode = (method: string, params: object = {}) => ask(method, params, nodeCaller(NODE));

  beforeEach(async () => {
    temp = await withTempDir();
    clock = new ManualClock(1_000_000);
    devices = await DeviceStore.load({ stateDir: temp.dir, clock, log: silentLogger });
    const about = { displayName: 'node one', platform: 'linux' };
    await devices.approveSilently({ deviceId: NODE, publicKey: 'k', role: 'node', scopes: [], ...about });
    log = new EventLog();
    heard = [];
    settings = {};
    canvasHostUrl = undefined;
    allowedRuns = new Map();
    nodes = await createNodes({
      stateDir: temp.dir,
      devices,
      broadcast: log.broadcast,
      onClientConnected: (listener) => (connect = listener),
      onConnectionClosed: (listener) => (disconnect = listener),
      settings: () => settings,
      sinks,
      voiceTriggers: () => ['claw', 'lobster'],
      canvasHostUrl: () => canvasHostUrl,
      allowedRun: (id) => allowedRuns.get(id),
      clock,
      log: silentLogger,
    });
  });
  afterEach(async () => {
    await nodes.stop();
    await devices.stop();
    await temp.remove();
  });

  it('greets a fresh node with the wake words, and no other client', () => {
    connect({ ...nodeClient('op'), caller: ADMIN });
    expect(log.seen).toEqual([]);
    connect(nodeClient(NODE));
    expect(log.seen).toEqual([
      { event: 'voicewake.changed', payload: { triggers: ['claw', 'lobster'] }, connIds: new Set([`conn-${NODE}`]) },
    ]);
  });

  it('lists nodes as recorded: connected with what it may be asked for, and away', async () => {
    connect(nodeClient(NODE));
    const here = await ask('node.list');
    expect((here.payload as { nodes: unknown[] }).nodes).toEqual([
      expect.objectContaining({
        nodeId: NODE,
        caps: ['camera', 'canvas', 'system'],
        commands: ['system.notify', 'system.run', 'system.which'],
        permissions: { 'camera.capture': true },
        paired: true,
        connected: true,
      }),
    ]);
    expect(shapeFaults(goldenOf('r41', 'node.list')?.payload, here.payload)).toEqual([]);
    expect(JSON.stringify(here.payload)).not.toContain('conn-');
    disconnect(`conn-${NODE}`);
    const away = await ask('node.list');
    const golden = (goldenOf('r54', 'node.list')?.payload as { nodes: unknown[] } | undefined)?.nodes;
    expect((away.payload as { nodes: unknown[] }).nodes).toEqual(golden);
  });

  it('describes one node', async () => {
    connect(nodeClient(NODE));
    const { payload } = await ask('node.describe', { nodeId: NODE });
    expect(shapeFaults(goldenOf('r42', 'node.describe')?.payload, payload)).toEqual([]);
    const { error } = await ask('node.describe', { nodeId: 'zzz' });
    expect(errorFaults(goldenOf('r43', 'node.describe')?.error, error)).toEqual([]);
  });

  it('carries a command to the node and its answer back', async () => {
    connect(nodeClient(NODE));
    const params = { nodeId: NODE, command: 'system.which', params: { bins: ['ls'] }, idempotencyKey: 'i1' };
    const answer = ask('node.invoke', params);
    await settle();
    const sent = log.last('node.invoke.request');
    expect(sent?.connIds).toEqual(new Set([`conn-${NODE}`]));
    const { id } = log.payload<{ id: string }>('node.invoke.request');
    expect(sent?.payload).toEqual({
      id,
      nodeId: NODE,
      command: 'system.which',
      paramsJSON: '{"bins":["ls"]}',
      idempotencyKey: 'i1',
    });
    const result = { id, nodeId: NODE, ok: true, payloadJSON: '{"bins":{"ls":"/bin/ls"}}' };
    expect((await ask('node.invoke.result', result, nodeCaller(NODE, 'other'))).payload).toEqual({
      ok: true,
      ignored: true,
    });
    expect((await asNode('node.invoke.result', result)).payload).toEqual({ ok: true });
    expect((await answer).payload).toEqual(goldenOf('r45', 'node.invoke')?.payload);
    expect((await asNode('node.invoke.result', result)).payload).toEqual({ ok: true, ignored: true });
    expect((await asNode('node.invoke.result', { ...result, nodeId: 'x' })).error?.message).toBe('nodeId mismatch');
  });

  it('passes on what the node says went wrong', async () => {
    connect(nodeClient(NODE));
    const answer = ask('node.invoke', { nodeId: NODE, command: 'system.notify', idempotencyKey: 'i2' });
    await settle();
    const { id } = log.payload<{ id: string }>('node.invoke.request');
    await asNode('node.invoke.result', { id, nodeId: NODE, ok: false, error: { code: 'NOPE', message: 'denied' } });
    expect(errorFaults(goldenOf('r46', 'node.invoke')?.error, (await answer).error)).toEqual([]);
  });

  it('gives up after the time it was given', async () => {
    connect(nodeClient(NODE));
    const answer = ask('node.invoke', { nodeId: NODE, command: 'system.run', timeoutMs: 500, idempotencyKey: 'i6' });
    await settle();
    expect(log.last('node.invoke.request')?.payload).toMatchObject({ timeoutMs: 500, paramsJSON: null });
    clock.advance(500);
    expect(errorFaults(goldenOf('r50', 'node.invoke')?.error, (await answer).error)).toEqual([]);
  });

  it('fails what waits when the node goes', async () => {
    connect(nodeClient(NODE));
    const answer = ask('node.invoke', { nodeId: NODE, command: 'system.run', idempotencyKey: 'i8' });
    await settle();
    disconnect(`conn-${NODE}`);
    expect((await answer).error).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'Error: node disconnected (system.run)',
    });
  });

  it.each([
    ['r47', NODE, 'evil.cmd'],
    ['r48', NODE, 'canvas.navigate'],
    ['r49', 'offline-node', 'system.which'],
    ['r51', NODE, 'system.execApprovals.get'],
  ])('refuses as recorded (%s): %s %s', async (id, nodeId, command) => {
    connect(nodeClient(NODE));
    const { error } = await ask('node.invoke', { nodeId, command, idempotencyKey: 'i' });
    expect(errorFaults(goldenOf(id, 'node.invoke')?.error, error)).toEqual([]);
    expect(log.last('node.invoke.request')).toBeUndefined();
  });

  it('says why a command that is allowed cannot be sent', async () => {
    connect(nodeClient(NODE, { commands: ['system.run'] }));
    const first = await ask('node.invoke', { nodeId: NODE, command: 'system.which', idempotencyKey: 'i' });
    expect(first.error?.details).toMatchObject({ reason: 'command not declared by node' });
    connect(nodeClient(NODE, { commands: [] }));
    const second = await ask('node.invoke', { nodeId: NODE, command: 'system.which', idempotencyKey: 'i' });
    expect(second.error?.details).toMatchObject({ reason: 'node did not declare commands' });
    settings = { denyCommands: ['system.run'] };
    const third = await ask('node.invoke', { nodeId: NODE, command: 'system.run', idempotencyKey: 'i' });
    expect(third.error?.details).toMatchObject({ reason: 'command not allowlisted' });
  });

  it('lets nobody but a person say that a run is approved', async () => {
    connect(nodeClient(NODE));
    const params = { command: ['rm'], runId: 'a1', approved: true, approvalDecision: 'allow-always' };
    const invoke = () => ask('node.invoke', { nodeId: NODE, command: 'system.run', params, idempotencyKey: 'i' });
    const answers = [invoke()];
    await settle();
    expect(log.last('node.invoke.request')?.payload).toMatchObject({ paramsJSON: '{"command":["rm"],"runId":"a1"}' });
    allowedRuns.set('a1', 'allow-once');
    answers.push(invoke());
    await settle();
    const { paramsJSON } = log.payload<{ paramsJSON: string }>('node.invoke.request');
    expect(JSON.parse(paramsJSON)).toMatchObject({ approved: true, approvalDecision: 'allow-once' });
    disconnect(`conn-${NODE}`);
    await Promise.all(answers);
  });

  it('keeps a command for a phone app that is in the background', async () => {
    connect(nodeClient(NODE, { platform: 'ios', commands: ['canvas.navigate'] }));
    const answer = ask('node.invoke', {
      nodeId: NODE,
      command: 'canvas.navigate',
      params: { url: 'x' },
      idempotencyKey: 'i',
    });
    await settle();
    const { id } = log.payload<{ id: string }>('node.invoke.request');
    const error = { code: 'NODE_BACKGROUND_UNAVAILABLE', message: 'in background' };
    await asNode('node.invoke.result', { id, nodeId: NODE, ok: false, error });
    expect((await answer).error?.details).toMatchObject({ code: 'QUEUED_UNTIL_FOREGROUND' });
    const { actions } = (await asNode('node.pending.pull')).payload as { actions: Array<{ id: string }> };
    expect(actions).toEqual([expect.objectContaining({ command: 'canvas.navigate', paramsJSON: '{"url":"x"}' })]);
    const acked = await asNode('node.pending.ack', { ids: [actions[0]?.id, actions[0]?.id] });
    expect(acked.payload).toEqual({ nodeId: NODE, ackedIds: [actions[0]?.id], remainingCount: 0 });
    expect((await asNode('node.pending.pull')).payload).toEqual({ nodeId: NODE, actions: [] });
  });

  it('hands reports to whoever they are for', async () => {
    connect(nodeClient(NODE));
    const report = (event: string, payload: object) =>
      asNode('node.event', { event, payloadJSON: JSON.stringify(payload) });
    await asNode('node.event', { event: 'voice.transcript', payload: { text: 'hi from voice', sessionKey: 'main' } });
    await report('agent.request', { message: 'do it', deliver: true, channel: 'telegram' });
    await report('chat.subscribe', { sessionKey: 'main' });
    await report('chat.unsubscribe', { sessionKey: 'main' });
    await report('exec.finished', { sessionKey: 'main', runId: 'r', exitCode: 1, output: 'boom' });
    await report('exec.finished', { exitCode: 0 });
    await report('exec.denied', { runId: 'r', reason: 'user', command: 'rm' });
    await report('notifications.changed', { key: 'k', change: 'posted', title: 'Mail' });
    expect((await report('unknown.ev', {})).payload).toEqual({ ok: true });
    expect((await asNode('node.event', { event: 'voice.transcript', payloadJSON: '{broken' })).payload).toEqual({
      ok: true,
    });
    expect(heard.map(([kind]) => kind)).toEqual(['voice', 'agent', 'chat', 'chat', 'event', 'event', 'event']);
    expect(heard[0]?.[1]).toEqual({ nodeId: NODE, message: 'hi from voice', sessionKey: 'main' });
    expect(heard[1]?.[1]).toMatchObject({ message: 'do it', deliver: true, channel: 'telegram' });
    expect(heard[4]?.[1]).toMatchObject({ sessionKey: 'main', contextKey: `exec.finished:${NODE}:r` });
  });

  it('queues requests for a node, urgent ones first, each once', async () => {
    connect(nodeClient(NODE));
    const empty = await asNode('node.pending.drain');
    const baseline = goldenOf('r9', 'node.pending.drain')?.payload;
    expect(shapeFaults(baseline, empty.payload)).toEqual([]);
    expect(empty.payload).toMatchObject({ revision: 0, items: [{ id: 'baseline-status' }], hasMore: false });
    const queued = await ask('node.pending.enqueue', { nodeId: NODE, type: 'status.request' });
    expect(shapeFaults(goldenOf('r52', 'node.pending.enqueue')?.payload, queued.payload)).toEqual([]);
    expect(queued.payload).toMatchObject({ revision: 1, wakeTriggered: false });
    await ask('node.pending.enqueue', { nodeId: NODE, type: 'status.request' });
    await ask('node.pending.enqueue', { nodeId: NODE, type: 'location.request', priority: 'high', expiresInMs: 1000 });
    const first = (await asNode('node.pending.drain', { maxItems: 1 })).payload;
    expect(first).toMatchObject({ revision: 2, items: [{ type: 'location.request' }], hasMore: true });
    const second = (await asNode('node.pending.drain')).payload as { items: unknown[] };
    expect(second.items).toHaveLength(1);
    await ask('node.pending.enqueue', { nodeId: NODE, type: 'location.request', expiresInMs: 1000 });
    clock.advance(1001);
    expect((await asNode('node.pending.drain')).payload).toMatchObject({ items: [{ id: 'baseline-status' }] });
    const bad = await ask('node.pending.enqueue', { nodeId: NODE, type: 'x' });
    expect(bad.error?.message).toContain('at /type: must be equal to constant');
  });

  it('gives out names for the canvas only when there is one', async () => {
    connect(nodeClient(NODE));
    expect((await asNode('node.canvas.capability.refresh')).error).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'canvas host unavailable for this node session',
    });
    canvasHostUrl = 'http://127.0.0.1:18789';
    const { payload } = await asNode('node.canvas.capability.refresh');
    const golden = goldenOf('r11', 'node.canvas.capability.refresh')?.payload as Record<string, unknown>;
    expect(shapeFaults(golden, payload)).toEqual([]);
    const { canvasCapability, canvasHostUrl: url } = payload as Record<string, string>;
    expect(canvasCapability).toHaveLength(String(golden.canvasCapability).length);
    expect(url).toBe(`http://127.0.0.1:18789/__openclaw__/cap/${canvasCapability}`);
    expect(nodes.canvas.accepts(canvasCapability ?? '')).toBe(true);
    clock.advance(600_000);
    expect(nodes.canvas.accepts(canvasCapability ?? '')).toBe(false);
  });

  it('pairs nodes the old way: request, approve, verify, rename', async () => {
    const about = {
      nodeId: 'legacy1',
      displayName: 'L',
      platform: 'linux',
      caps: ['canvas'],
      commands: ['canvas.navigate'],
    };
    const requested = await ask('node.pair.request', about);
    expect(shapeFaults(goldenOf('r55', 'node.pair.request')?.payload, requested.payload)).toEqual([]);
    expect(log.seen.map(({ event }) => event)).toEqual(['node.pair.requested']);
    const again = await ask('node.pair.request', { nodeId: 'legacy1' });
    expect(again.payload).toEqual({ ...(requested.payload as object), created: false });
    const { requestId } = (requested.payload as { request: { requestId: string } }).request;
    expect((await ask('node.pair.list')).payload).toMatchObject({ pending: [{ requestId }], paired: [] });
    const approved = await ask('node.pair.approve', { requestId });
    expect(shapeFaults(goldenOf('r58', 'node.pair.approve')?.payload, approved.payload)).toEqual([]);
    expect(log.last('node.pair.resolved')?.payload).toMatchObject({ nodeId: 'legacy1', decision: 'approved' });
    const { token } = (approved.payload as { node: { token: string } }).node;
    expect((await ask('node.pair.verify', { nodeId: 'legacy1', token })).payload).toMatchObject({ ok: true });
    expect((await ask('node.pair.verify', { nodeId: 'legacy1', token: 'bad' })).payload).toEqual({ ok: false });
    expect((await ask('node.rename', { nodeId: 'legacy1', displayName: 'renamed' })).payload).toEqual({
      nodeId: 'legacy1',
      displayName: 'renamed',
    });
    const { error } = await ask('node.rename', { nodeId: NODE, displayName: 'renamed' });
    expect(errorFaults(goldenOf('r53', 'node.rename')?.error, error)).toEqual([]);
    expect((await ask('node.pair.approve', { requestId: 'nope' })).error?.message).toBe('unknown requestId');
    expect((await ask('node.pair.reject', { requestId: 'nope' })).error?.message).toBe('unknown requestId');
    const list = JSON.stringify((await ask('node.pair.list')).payload);
    expect(list).toContain('renamed');
    expect(list).not.toContain(token);
  });

  it('calls a node without the allowlist for the gateway itself', async () => {
    connect(nodeClient(NODE));
    const answer = nodes.call(NODE, 'system.execApprovals.get', {});
    const { id } = log.payload<{ id: string }>('node.invoke.request');
    await asNode('node.invoke.result', { id, nodeId: NODE, ok: true, payload: { path: '/x' } });
    expect(await answer).toEqual({ path: '/x' });
    await expect(nodes.call('gone', 'x')).rejects.toMatchObject({ code: 'node.not_connected' });
  });
});
