// Builds the DesktopApi on top of two primitives: ask main, listen to main.
import { eventChannel, requestChannel, VERSION_SWITCH } from '../contract/channels.js';
import type { DesktopApi } from '../contract/desktop.js';
import type {
  DesktopEventName,
  DesktopEventPayload,
  DesktopReply,
  RequestArgs,
  RequestName,
  RequestResult,
} from '../contract/ipc.js';

export interface DesktopBridge {
  platform: NodeJS.Platform;
  argv: readonly string[];
  invoke(channel: string, args: readonly unknown[]): Promise<unknown>;
  /** Returns how to stop listening. */
  listen(channel: string, listener: (payload: unknown) => void): () => void;
}

/** Calls reject with a `DesktopError`. */
export function createDesktopApi(bridge: DesktopBridge): DesktopApi {
  const ask =
    <N extends RequestName>(name: N) =>
    async (...args: RequestArgs<N>): Promise<RequestResult<N>> => {
      const reply = (await bridge.invoke(requestChannel(name), args)) as DesktopReply;
      if (!reply.ok) throw reply.error;
      return reply.value as RequestResult<N>;
    };
  const listenTo =
    <N extends DesktopEventName>(name: N) =>
    (listener: (payload: DesktopEventPayload<N>) => void): (() => void) =>
      bridge.listen(eventChannel(name), (payload) => listener(payload as DesktopEventPayload<N>));
  return {
    platform: bridge.platform === 'darwin' || bridge.platform === 'win32' ? bridge.platform : 'linux',
    appVersion: bridge.argv.find((arg) => arg.startsWith(VERSION_SWITCH))?.slice(VERSION_SWITCH.length) ?? '',
    gateway: {
      status: ask('gateway.status'),
      connection: ask('gateway.connection'),
      start: ask('gateway.start'),
      stop: ask('gateway.stop'),
      restart: ask('gateway.restart'),
      copyAddress: ask('gateway.copyAddress'),
      showLogs: ask('gateway.showLogs'),
      onStatus: listenTo('gateway.status'),
    },
    app: {
      openExternal: ask('app.openExternal'),
      setTheme: ask('app.setTheme'),
      quit: ask('app.quit'),
      setQuestions: ask('app.setQuestions'),
      onQuestion: listenTo('app.question'),
      onCommand: listenTo('app.command'),
    },
  };
}
