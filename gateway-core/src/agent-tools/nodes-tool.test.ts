import { afterEach, describe, expect, it } from 'vitest';
import { refuseNodeCommand } from './nodes-tool.js';
import { House, type HouseOptions, textOf } from './testing/house.js';

let house: House | undefined;
afterEach(() => house?.remove());

async function open(payload: unknown, config: HouseOptions['config'] = {}): Promise<House> {
  const methods: HouseOptions['methods'] = {
    'node.list': () => ({
      ts: 1,
      nodes: [
        { nodeId: 'n1', displayName: 'Phone' },
        { nodeId: 'n2', displayName: 'Mac' },
      ],
    }),
    'node.describe': ({ nodeId }) => ({ ts: 1, nodeId }),
    'node.invoke': () => ({ ok: true, payload, payloadJSON: null }),
  };
  return (house = await House.open({ methods, config }));
}

describe('nodes', () => {
  it('finds a device by its name and sends it a command', async () => {
    const made = await open({ lat: 1 });
    const args = { action: 'invoke', node: 'phone', command: 'location.get', params: { accuracy: 1 } };
    expect(textOf(await made.call('nodes', args))).toBe('{"lat":1}');
    const { params, scopes } = made.called.at(-1) ?? {};
    expect(params).toMatchObject({ nodeId: 'n1', command: 'location.get', params: { accuracy: 1 }, timeoutMs: 30_000 });
    expect(scopes).toEqual(['operator.write']);
    expect((await made.call('nodes', { action: 'describe', node: 'n2' })).details).toEqual({ ts: 1, nodeId: 'n2' });
    await expect(made.call('nodes', { ...args, node: 'x' })).rejects.toThrow('no device "x"');
  });

  it('gives a picture as a picture', async () => {
    const made = await open({ format: 'jpg', base64: 'AAAA' });
    const { content } = await made.call('nodes', { action: 'invoke', node: 'n1', command: 'canvas.snapshot' });
    expect(content[1]).toEqual({ type: 'image', data: 'AAAA', mimeType: 'image/jpeg' });
  });

  it.each([
    'system.run',
    'System.Run',
    'system.run.prepare',
    'system.execApprovals.set',
    'system.which',
    'browser.proxy',
  ])('never sends %s, whatever the config allows', async (command) => {
    const made = await open({}, { gateway: { nodes: { allowCommands: [command] } } });
    await expect(made.call('nodes', { action: 'invoke', node: 'n1', command })).rejects.toThrow('asks a person first');
    expect(made.called).toEqual([]);
  });

  it('sends others only when a person opened them', () => {
    expect(refuseNodeCommand('camera.snap')).toContain('gateway.nodes.allowCommands');
    expect(refuseNodeCommand('camera.snap', ['camera.snap'])).toBeUndefined();
    expect(refuseNodeCommand('canvas.eval')).toContain('not open to agents');
  });

  it('is for the owner only', async () => {
    const made = await open({});
    await expect(made.call('nodes', { action: 'list' }, { isOwner: false })).rejects.toThrow(
      'owner of this gateway only',
    );
  });
});
