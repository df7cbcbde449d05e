// The recorded answers that are too long to compare as a whole (golden/02b): their frame, and the names in them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchanges, readGolden, shapeFaults } from './golden.js';
import { type GoldenStage, RECORDED, startGoldenStage } from './golden-stage.js';
import type { RawClient } from './raw-client.js';
import { createTestDevice, join } from './test-device.js';

type Payload = Record<string, unknown>;

const recorded = new Map(
  exchanges(readGolden('02b-methods-big')).map(({ request, responses }) => [
    request.method,
    responses[0]?.payload as Payload,
  ]),
);
const goldenOf = (method: string): Payload => recorded.get(method) ?? {};

describe('the long answers', () => {
  let stage: GoldenStage;
  let client: RawClient;
  beforeAll(async () => {
    stage = await startGoldenStage();
    client = await join({ url: stage.gateway.url, device: createTestDevice(), auth: { token: RECORDED.token } });
  });
  afterAll(async () => {
    await client.close();
    await stage.stop();
  });

  async function ask(method: string): Promise<Payload> {
    const { ok, error, payload } = await client.call(method, {});
    expect({ ok, error }).toEqual({ ok: true });
    return payload as Payload;
  }

  it('are all of these', () => {
    expect([...recorded.keys()]).toEqual([
      'config.get',
      'tools.catalog',
      'skills.status',
      'logs.tail',
      'config.schema',
    ]);
  });

  it('config.get shows the same config in the same shape', async () => {
    const golden = goldenOf('config.get');
    const ours = await ask('config.get');
    // Things that the recorded host had set and this one has not.
    const optional = ['parsed', 'resolved', 'config'].flatMap((part) =>
      Object.keys((golden[part] ?? {}) as object).map((section) => `${part}.${section}`),
    );
    expect(shapeFaults(golden, ours, optional).filter((fault) => !/^(parsed|resolved|config)\./.test(fault))).toEqual(
      [],
    );
    for (const part of ['parsed', 'resolved', 'config']) {
      const gateway = (payload: Payload) => (payload[part] as { gateway: Payload }).gateway;
      expect(shapeFaults(gateway(golden), gateway(ours))).toEqual([]);
    }
  });

  it('tools.catalog has the recorded profiles and shape', async () => {
    const golden = goldenOf('tools.catalog');
    const ours = await ask('tools.catalog');
    const ids = (list: unknown) => (list as Array<{ id: string }>).map(({ id }) => id);
    expect(ids(ours.profiles)).toEqual(ids(golden.profiles));
    expect(ours.agentId).toBe('main');
    expect(shapeFaults(golden, ours)).toEqual([]);
  });

  it('skills.status has the recorded shape', async () => {
    expect(shapeFaults(goldenOf('skills.status'), await ask('skills.status'))).toEqual([]);
  });

  it('logs.tail has the recorded shape, and lines', async () => {
    const ours = await ask('logs.tail');
    expect(shapeFaults(goldenOf('logs.tail'), ours)).toEqual([]);
    expect((ours.lines as string[]).length).toBeGreaterThan(0);
  });

  it('config.schema has every recorded section, with a label and a place', async () => {
    const golden = goldenOf('config.schema') as { schemaTopLevel: string[]; uiHintsSample: Record<string, Payload> };
    const ours = (await ask('config.schema')) as { schema: { properties: Payload }; uiHints: Record<string, Payload> };
    const lacking = golden.schemaTopLevel.filter((section) => !(section in ours.schema.properties));
    expect(lacking).toEqual([]);
    for (const [section, hint] of Object.entries(golden.uiHintsSample)) {
      expect(shapeFaults(hint, ours.uiHints[section]), section).toEqual([]);
    }
  });
});
