// The operating-system side of the window, where there is one, and how it feeds status and connection.
import type { DesktopApi } from '../../../electron/contract/desktop.js';
import type { ConnectionStore } from './connection-state.js';
import type { Gateway } from './gateway.js';

declare global {
  interface Window {
    desktop?: DesktopApi;
  }
}

/**
 * Follows the gateway process: every status goes to the connection store; as soon as the process is ready
 * the socket gets its (possibly new) address and secret.
 */
export function followDesktop(desktop: DesktopApi, gateway: Gateway, connection: ConnectionStore): () => void {
  let stopped = false;
  let wasUp = false;
  const connect = async () => {
    const target = await desktop.gateway.connection();
    if (target && !stopped) gateway.connect(target);
  };
  const accept = (status: Awaited<ReturnType<DesktopApi['gateway']['status']>>) => {
    connection.setDesktop(status);
    const isUp = status.state === 'ready' || status.state === 'working';
    if (isUp && !wasUp) void connect();
    wasUp = isUp;
  };
  const off = desktop.gateway.onStatus(accept);
  void desktop.gateway.status().then((status) => {
    if (!stopped) accept(status);
  });
  return () => {
    stopped = true;
    off();
  };
}
