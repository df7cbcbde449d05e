// Exposes `window.desktop` from the contract, and nothing else.
import { contextBridge, ipcRenderer } from 'electron';
import { createDesktopApi } from './desktop-api.js';

contextBridge.exposeInMainWorld(
  'desktop',
  createDesktopApi({
    platform: process.platform,
    argv: process.argv,
    invoke: (channel, args) => ipcRenderer.invoke(channel, ...args),
    listen(channel, listener) {
      const handler = (_event: unknown, payload: unknown) => listener(payload);
      ipcRenderer.on(channel, handler);
      return () => void ipcRenderer.off(channel, handler);
    },
  }),
);
