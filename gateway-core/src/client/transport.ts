// The socket as the client sees it, and the adapter that makes one from a WebSocket class.

export interface TransportEnd {
  code: number;
  reason: string;
}

/** One socket, already opening. Each `on…` takes one listener; `close` without a code sends none. */
export interface Transport {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onOpen(listener: () => void): void;
  onMessage(listener: (text: string) => void): void;
  onClose(listener: (end: TransportEnd) => void): void;
  onError(listener: (error: unknown) => void): void;
}

/** What the WebSocket of browsers and the one of the `ws` package have in common. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: (event: object) => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: TransportEnd) => void): void;
}

// Browsers throw on any other code, so protocol codes move into the private range (1008 → 4008).
function allowedCloseCode(code: number): number {
  return code === 1000 || (code >= 3000 && code <= 4999) ? code : 4000 + (code % 1000);
}

/** Wraps a WebSocket that was just made. Messages that are not text are ignored. */
export function wrapWebSocket(socket: WebSocketLike): Transport {
  return {
    send: (text) => socket.send(text),
    close(code, reason) {
      if (code === undefined) socket.close();
      else socket.close(allowedCloseCode(code), reason);
    },
    onOpen: (listener) => socket.addEventListener('open', () => listener()),
    onMessage: (listener) =>
      socket.addEventListener('message', (event) => {
        if (typeof event.data === 'string') listener(event.data);
      }),
    onClose: (listener) => socket.addEventListener('close', ({ code, reason }) => listener({ code, reason })),
    onError: (listener) => socket.addEventListener('error', (event) => listener(event)),
  };
}

/** A transport maker from a WebSocket class: the browser's own, or the one of `ws`. */
export function createWebSocketTransport(
  WebSocketClass: new (url: string) => WebSocketLike,
): (url: string) => Transport {
  return (url) => wrapWebSocket(new WebSocketClass(url));
}
