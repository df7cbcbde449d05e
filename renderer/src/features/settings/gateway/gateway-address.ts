// Where the gateway can be reached, as a person would give it to a browser or a program.
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useServices } from '../../../app/services-context.js';
import { gatewayUrlOf } from '../../../data/sign-in.js';

export interface GatewayAddress {
  /** For programs: ws://… without a path. */
  socket: string;
  /** For browsers. */
  page: string;
}

/** Both addresses from the one the window is connected to. */
export function addressesOf(url: string): GatewayAddress {
  const { protocol, host } = new URL(url);
  const isSafe = protocol === 'wss:';
  return { socket: `${isSafe ? 'wss' : 'ws'}://${host}`, page: `${isSafe ? 'https' : 'http'}://${host}/openclaw/` };
}

/** Undefined until the desktop has said it. */
export function useGatewayAddress(): GatewayAddress | undefined {
  const { desktop, connection } = useServices();
  const phase = useStore(connection.store, (state) => state.socket.phase);
  const [url, setUrl] = useState(desktop ? undefined : gatewayUrlOf(window.location));
  useEffect(() => {
    if (!desktop) return;
    let isOver = false;
    void desktop.gateway.connection().then((found) => {
      if (found && !isOver) setUrl(found.url);
    });
    return () => {
      isOver = true;
    };
  }, [desktop, phase]);
  return url === undefined || !URL.canParse(url) ? undefined : addressesOf(url);
}
