// Every method of the contract: it has a handler, it rejects unknown params, it asks for its scope.
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events, METHOD_ORDER, methods, type MethodName, OPERATOR_SCOPES } from '../../src/protocol/index.js';
import { createGatewayServer } from '../../src/server/index.js';
import { systemClock } from '../../src/shared/clock.js';
import { silentLogger } from '../../src/shared/logger.js';
import type { MethodHandlers } from '../../src/shared/wire.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';
import { startTestServer, type TestServer, testSettings, TOKEN } from './test-server.js';

const names = Object.keys(methods) as MethodName[];
/** Params that take anything, as the reference does. */
const LOOSE = new Set<MethodName>(['health', 'status']);
const nodeNames = names.filter((name) => methods[name].scope === 'node');
const operatorNames = names.filter((name) => methods[name].scope !== 'node');

describe('the method table', () => {
  let gateway: TestServer;
  let admin: RawClient;
  const byScope = new Map<string, RawClient>();
  const joinWith = (scopes: string[]) =>
    join({ url: gateway.url, device: createTestDevice(), auth: { token: TOKEN }, scopes });
  beforeAll(async () => {
    gateway = await startTestServer();
    admin = await joinWith(['operator.admin']);
    for (const scope of OPERATOR_SCOPES) byScope.set(scope, await joinWith([scope]));
    byScope.set('none', await joinWith([]));
  });
  afterAll(async () => {
    await gateway.stop();
  });

  it('advertises every method of the reference in its order, then our own, and hides the hidden ones', async () => {
    const ours = [
      'desktop.models.test',
      'desktop.models.detect',
      'desktop.models.setKey',
      'desktop.models.removeKey',
      'desktop.models.signIn.start',
      'desktop.models.signIn.status',
      'desktop.models.signIn.cancel',
      'desktop.config.reload',
      'desktop.devices.rename',
      'desktop.setupCode',
      'exec.approval.list',
      'desktop.tools.explain',
    ];
    const hello = admin.received.find(({ id }) => id === 'connect')?.payload as {
      features: { methods: string[]; events: string[] };
    };
    const shown = names.filter((name) => methods[name].advertised !== false);
    expect(hello.features.methods).toEqual(shown);
    expect(shown.filter((name) => !METHOD_ORDER.includes(name))).toEqual(ours);
    expect(shown.filter((name) => !ours.includes(name))).toEqual(
      METHOD_ORDER.filter((name) => shown.includes(name as MethodName)),
    );
    expect(hello.features.methods).not.toContain('chat.inject');
    expect(hello.features.methods).not.toContain('sessions.resolve');
    expect(hello.features.methods).toContain('chat.send');
    const { 'chat.side_result': _hidden, ...advertised } = events;
    expect([...hello.features.events].sort()).toEqual(Object.keys(advertised).sort());
  });

  it.each(operatorNames.filter((name) => !LOOSE.has(name)))('%s rejects params it does not know', async (name) => {
    const { ok, error } = await admin.call(name, { bogus: 1 });
    expect(ok).toBe(false);
    expect(error?.code).toBe('INVALID_REQUEST');
    expect(error?.message).toMatch(new RegExp(`^invalid ${name.replaceAll('.', '\\.')} params: `));
    expect(error?.message).toContain("at root: unexpected property 'bogus'");
  });

  const allowed = (name: MethodName, scope: string): boolean => {
    const needed = methods[name].scope;
    if (needed === 'any' || scope === needed || scope === 'operator.admin') return true;
    return needed === 'operator.read' && scope === 'operator.write';
  };

  it.each(operatorNames)('%s asks for its scope and no other', async (name) => {
    for (const [scope, client] of byScope) {
      const { error } = await client.call(name, { bogus: 1 });
      const isScopeError = error?.message === `missing scope: ${methods[name].scope}`;
      expect(isScopeError, `${name} with ${scope}`).toBe(!allowed(name, scope));
    }
  });

  it('calls a method unknown only for those who could call it', async () => {
    expect((await admin.call('no.such')).error?.message).toBe('unknown method: no.such');
    expect((await byScope.get('operator.read')?.call('no.such'))?.error?.message).toBe('missing scope: operator.admin');
    expect((await admin.call('node.event')).error?.message).toBe('unauthorized role: operator');
    expect((await admin.call('constructor')).error?.message).toBe('unknown method: constructor');
  });

  it('lets a node call nothing but node methods and health', async () => {
    const node = await join({
      url: gateway.url,
      device: createTestDevice(),
      auth: { token: TOKEN },
      role: 'node',
      scopes: [],
      client: { id: 'node-host', mode: 'node' },
    });
    expect((await node.call('health')).ok).toBe(true);
    for (const name of operatorNames.filter((method) => method !== 'health')) {
      expect((await node.call(name, {})).error?.message).toBe('unauthorized role: node');
      // Anything else resets the count of role errors.
      await node.call('health');
    }
    for (const name of nodeNames) {
      expect((await node.call(name, { bogus: 1 })).error?.message).toContain("at root: unexpected property 'bogus'");
    }
    await node.close();
  });

  it('refuses to start when a method has no handler, or a handler no method', async () => {
    const { devices, health } = gateway;
    const other = createGatewayServer({
      settings: testSettings(),
      devices,
      health,
      helloFacts: () => ({}),
      clock: systemClock,
      log: silentLogger,
      version: '0',
    });
    const handlers = { health: () => ({}), 'made.up': () => ({}) } as unknown as MethodHandlers;
    await expect(other.listen(handlers)).rejects.toThrow(/no handler for \[.*status.*\], no row for \[made\.up\]/);
  });

  it('has only schemas that TypeBox knows', () => {
    for (const name of names) {
      expect(Type.IsSchema(methods[name].params), name).toBe(true);
      expect(Type.IsSchema(methods[name].result), name).toBe(true);
    }
  });
});
