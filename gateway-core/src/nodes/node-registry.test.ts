import { describe, expect, it } from 'vitest';
import { systemClock } from '../shared/clock.js';
import { type ConnectedNode, NodeRegistry } from './node-registry.js';

describe('a call of a node', () => {
  it('that may take years is not over at once', async () => {
    const delays: number[] = [];
    const asked: string[] = [];
    const registry = new NodeRegistry({
      broadcast: (_event, payload) => void asked.push((payload as { id: string }).id),
      settings: () => ({}),
      clock: {
        ...systemClock,
        after: (delayMs) => {
          delays.push(delayMs);
          return { cancel: () => undefined };
        },
      },
    });
    const node: ConnectedNode = {
      ...{ nodeId: 'n', connId: 'c', platform: 'linux', version: '1' },
      ...{ caps: [], commands: [], connectedAtMs: 0 },
    };
    const answer = registry.invoke(node, { nodeId: 'n', command: 'system.which', timeoutMs: 1e12 });
    // What Node's timers can count; beyond that they fire at once.
    expect(delays).toEqual([2 ** 31 - 1]);
    expect(registry.answer(asked[0] ?? '', 'c', { ok: true })).toBe(true);
    expect(await answer).toEqual({ ok: true });
  });
});
