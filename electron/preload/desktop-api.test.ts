import { describe, expect, it } from 'vitest';
import { eventChannel, requestChannel } from '../contract/channels.js';
import type { DesktopApi } from '../contract/desktop.js';
import { desktopEvents, desktopRequests, type RequestName } from '../contract/ipc.js';
import { createDesktopApi } from './desktop-api.js';

const ARGS: Partial<Record<RequestName, unknown[]>> = {
  'app.openExternal': ['https://example.org/'],
  'app.setTheme': ['dark'],
  'app.setQuestions': [[{ id: 'a', title: 'Claw asks to run a command', body: 'make' }]],
};

function build(reply: unknown = { ok: true, value: undefined }) {
  const asked: string[] = [];
  const listeners = new Map<string, (payload: unknown) => void>();
  const api = createDesktopApi({
    platform: 'linux',
    argv: ['electron', '--hq-app-version=1.2.3'],
    async invoke(channel) {
      asked.push(channel);
      return reply;
    },
    listen(channel, listener) {
      listeners.set(channel, listener);
      return () => void listeners.delete(channel);
    },
  });
  return { api, asked, listeners };
}

type Call = (...args: unknown[]) => unknown;

function functionsOf(api: DesktopApi): Map<string, Call> {
  const groups = { gateway: api.gateway, app: api.app };
  return new Map(
    Object.entries(groups).flatMap(([group, calls]) =>
      Object.entries(calls).map(([name, call]): [string, Call] => [`${group}.${name}`, call as Call]),
    ),
  );
}

describe('createDesktopApi', () => {
  it('exposes exactly the requests and events of the table, and two facts', async () => {
    const { api, asked, listeners } = build();
    const calls = functionsOf(api);
    const events = [...calls.keys()].filter((name) => /\.on[A-Z]/.test(name));
    const requests = [...calls.keys()].filter((name) => !events.includes(name));
    expect(requests.sort()).toEqual(Object.keys(desktopRequests).sort());
    for (const name of requests) await calls.get(name)!(...(ARGS[name as RequestName] ?? []));
    expect(asked).toEqual(requests.map((name) => requestChannel(name)));
    for (const name of events) calls.get(name)!(() => {});
    expect([...listeners.keys()].sort()).toEqual(Object.keys(desktopEvents).map(eventChannel).sort());
    expect(Object.keys(api).sort()).toEqual(['app', 'appVersion', 'gateway', 'platform']);
  });

  it('carries platform and version', () => {
    expect(build().api).toMatchObject({ platform: 'linux', appVersion: '1.2.3' });
  });

  it('rejects with code, message and hint', async () => {
    const error = { code: 'gateway.not_running', message: 'It is not running.', hint: 'Start it.' };
    await expect(build({ ok: false, error }).api.gateway.copyAddress()).rejects.toEqual(error);
  });

  it('stops hearing events when asked', () => {
    const { api, listeners } = build();
    const heard: string[] = [];
    const stop = api.app.onCommand((id) => heard.push(id));
    listeners.get(eventChannel('app.command'))!('app.palette');
    stop();
    expect(heard).toEqual(['app.palette']);
    expect(listeners.size).toBe(0);
  });
});
