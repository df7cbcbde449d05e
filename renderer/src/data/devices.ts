// Paired devices and those that ask to be, kept current by events.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Gateway } from './gateway.js';
import { callNamed, type NamedResult, type PairedDevice, type PendingDevice } from './named-calls.js';

export interface DevicesState {
  pending: readonly PendingDevice[];
  paired: readonly PairedDevice[];
  loaded: boolean;
  error?: unknown;
}

export interface Devices {
  store: StoreApi<DevicesState>;
  /** Loads now, and again after each event; the result stops it. */
  follow(): () => void;
  load(): Promise<void>;
  /** The actions reject with the gateway's error, and load the lists again. */
  allow(requestId: string): Promise<void>;
  refuse(requestId: string): Promise<void>;
  remove(deviceId: string): Promise<void>;
  revoke(deviceId: string, role: string): Promise<void>;
  rotate(deviceId: string, role: string): Promise<NamedResult<'device.token.rotate'>>;
  /** An empty name brings back what the device calls itself. */
  rename(deviceId: string, displayName: string): Promise<void>;
}

interface Reactions {
  load(): Promise<void>;
  dropRequest(requestId: string): void;
}

function followEvents(gateway: Gateway, { load, dropRequest }: Reactions): () => void {
  const reload = () => void load();
  if (gateway.state().phase === 'ready') reload();
  const offs = [
    gateway.hear('device.pair.requested', reload),
    gateway.hear('device.pair.resolved', (payload) => {
      dropRequest(String((payload as { requestId?: unknown } | null)?.requestId));
      reload();
    }),
    gateway.onReady(reload),
    gateway.onGap(reload),
  ];
  return () => offs.forEach((off) => off());
}

export function createDevices(gateway: Gateway): Devices {
  const store = createStore<DevicesState>(() => ({ pending: [], paired: [], loaded: false }));
  const load = async () => {
    try {
      const { pending, paired } = await callNamed(gateway, 'device.pair.list', {});
      store.setState({ pending, paired, loaded: true, error: undefined });
    } catch (error) {
      store.setState({ error });
    }
  };
  const thenLoad = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } finally {
      await load();
    }
  };
  const dropRequest = (requestId: string) =>
    store.setState({ pending: store.getState().pending.filter((request) => request.requestId !== requestId) });
  return {
    store,
    load,
    follow: () => followEvents(gateway, { load, dropRequest }),
    allow: async (requestId) => void (await thenLoad(callNamed(gateway, 'device.pair.approve', { requestId }))),
    refuse: async (requestId) => void (await thenLoad(callNamed(gateway, 'device.pair.reject', { requestId }))),
    remove: async (deviceId) => void (await thenLoad(callNamed(gateway, 'device.pair.remove', { deviceId }))),
    revoke: async (deviceId, role) =>
      void (await thenLoad(callNamed(gateway, 'device.token.revoke', { deviceId, role }))),
    rotate: (deviceId, role) => thenLoad(callNamed(gateway, 'device.token.rotate', { deviceId, role })),
    rename: async (deviceId, displayName) =>
      void (await thenLoad(callNamed(gateway, 'desktop.devices.rename', { deviceId, displayName }))),
  };
}
