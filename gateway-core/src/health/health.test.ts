import { describe, expect, it } from 'vitest';
import { fits, HealthSnapshot, StatusResult } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import { createHealth, describeHeartbeat, type HealthFacts, type StatusFacts } from './index.js';
import { buildHealthSnapshot, buildStatus, redactStatus } from './snapshot.js';

const summary = (agentId: string) => ({
  path: `/s/${agentId}.json`,
  count: 2,
  recent: [{ key: `agent:${agentId}:main`, updatedAt: 5, age: 1 }],
});
const facts: HealthFacts = {
  agents: [
    { agentId: 'ops', name: 'Ops', isDefault: false },
    { agentId: 'main', isDefault: true },
  ],
  heartbeatDefaults: undefined,
  sessions: summary,
};

class TestClock implements Clock {
  ms = 1_000_000;
  readonly alarms: Array<{ at: number; run: () => void }> = [];
  now = (): number => this.ms;
  after(delayMs: number, run: () => void) {
    const alarm = { at: this.ms + delayMs, run };
    this.alarms.push(alarm);
    return { cancel: () => void this.alarms.splice(this.alarms.indexOf(alarm), 1) };
  }
  every = () => ({ cancel: () => undefined });
  advance(ms: number): void {
    this.ms += ms;
    for (const alarm of this.alarms.splice(0)) {
      if (alarm.at <= this.ms) alarm.run();
      else this.alarms.push(alarm);
    }
  }
}

describe('the snapshot', () => {
  it('fits the contract, is frozen in depth, and takes sessions and pulse from the default agent', () => {
    const snapshot = buildHealthSnapshot(facts, 10, () => 12);
    expect(fits(HealthSnapshot, snapshot)).toBe(true);
    expect(snapshot).toMatchObject({ ts: 10, durationMs: 2, heartbeatSeconds: 1800, defaultAgentId: 'main' });
    expect(snapshot.sessions).toEqual(summary('main'));
    expect(Object.isFrozen(snapshot.agents[0]?.heartbeat)).toBe(true);
  });

  it('is there without any agent', () => {
    const snapshot = buildHealthSnapshot({ ...facts, agents: [] }, 10, () => 10);
    expect(snapshot).toMatchObject({ defaultAgentId: 'main', heartbeatSeconds: 0, agents: [] });
  });
});

describe('the heartbeat of an agent', () => {
  const agent = { isDefault: true };
  it.each([
    [agent, [agent], undefined, { enabled: true, every: '30m', everyMs: 1_800_000, target: 'none', ackMaxChars: 300 }],
    [agent, [agent], { every: '0m' }, { enabled: false, every: 'disabled', everyMs: null }],
    [{ isDefault: false }, [agent], undefined, { enabled: false }],
    [agent, [agent, { isDefault: false, heartbeat: {} }], undefined, { enabled: false }],
    [
      { isDefault: false, heartbeat: { every: '5m' } },
      [agent, { isDefault: false, heartbeat: {} }],
      { every: '1h', target: 'last' },
      { enabled: true, everyMs: 300_000, target: 'last' },
    ],
    [{ isDefault: true, heartbeat: { prompt: 'look', model: 'm' } }, [], undefined, { prompt: 'look', model: 'm' }],
  ])('%j among %j with %j', (one, all, defaults, expected) => {
    const heartbeats = all.length > 0 ? [...all] : [one];
    expect(describeHeartbeat(one, heartbeats, defaults)).toMatchObject(expected);
  });

  it('is once an hour where a sign-in pays for the model, unless the config says how often', () => {
    const subscriber = { ...agent, subscribes: true };
    expect(describeHeartbeat(subscriber, [subscriber], undefined)).toMatchObject({ every: '1h', everyMs: 3_600_000 });
    expect(describeHeartbeat(subscriber, [subscriber], { every: '30m' })).toMatchObject({ everyMs: 1_800_000 });
    const { agents, heartbeatSeconds } = buildHealthSnapshot(
      { ...facts, agents: [{ agentId: 'main', isDefault: true, subscribes: true }] },
      10,
      () => 10,
    );
    expect([agents[0]?.heartbeat.every, heartbeatSeconds]).toEqual(['1h', 3600]);
  });

  it('reads HEARTBEAT.md and answers HEARTBEAT_OK by default', () => {
    const { prompt } = describeHeartbeat(agent, [agent], undefined);
    expect(prompt).toMatch(/HEARTBEAT\.md.*HEARTBEAT_OK/s);
  });
});

describe('status', () => {
  const statusFacts: StatusFacts = {
    ...facts,
    version: '1',
    defaults: { model: 'm', contextTokens: 10 },
    queuedSystemEvents: ['the kettle boils'],
    statusRows: (agentId) =>
      Array.from({ length: 12 }, (_, index) => ({ key: `${agentId}${index}`, updatedAt: 100 - index })),
  };

  it('adds agents up and shows the latest ten', () => {
    const status = buildStatus(statusFacts);
    expect(fits(StatusResult, status)).toBe(true);
    expect(status.queuedSystemEvents).toEqual(['the kettle boils']);
    expect(status.sessions.count).toBe(4);
    expect(status.sessions.paths).toEqual(['/s/ops.json', '/s/main.json']);
    expect(status.sessions.recent).toHaveLength(10);
    expect(status.sessions.byAgent[0]?.recent).toHaveLength(10);
  });

  it('hides paths, models and conversations from callers without admin', () => {
    const { sessions } = redactStatus(buildStatus(statusFacts));
    expect(sessions).toEqual({
      paths: [],
      count: 4,
      defaults: { model: null, contextTokens: null },
      recent: [],
      byAgent: [
        { agentId: 'ops', path: '[redacted]', count: 2, recent: [] },
        { agentId: 'main', path: '[redacted]', count: 2, recent: [] },
      ],
    });
  });
});

describe('Health', () => {
  const setUp = () => {
    const clock = new TestClock();
    const published: number[] = [];
    const health = createHealth({ facts: () => facts, clock, publish: ({ ts }) => void published.push(ts) });
    return { clock, published, health };
  };

  it('has nothing before it starts, then a snapshot', () => {
    const { health } = setUp();
    expect(health.current()).toBeUndefined();
    health.start();
    expect(health.current()).toBeDefined();
    health.stop();
  });

  it('publishes at once, then at most once a second however many ask', () => {
    const { clock, published, health } = setUp();
    health.start();
    for (let count = 0; count < 1000; count += 1) health.read();
    health.refreshSoon();
    expect(published).toEqual([clock.ms]);
    clock.advance(1000);
    expect(published).toHaveLength(2);
    clock.advance(5000);
    expect(published).toHaveLength(2);
  });

  it('answers the same snapshot for a minute, and a new one when asked to look', () => {
    const { clock, health } = setUp();
    health.start();
    health.refreshSoon();
    const first = health.read();
    clock.advance(500);
    expect(health.read()).toBe(first);
    expect(health.probe()).not.toBe(first);
    clock.advance(61_000);
    expect(health.read().ts).toBe(clock.ms);
  });
});
