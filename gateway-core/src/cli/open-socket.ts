// The socket to a gateway; with a pinned certificate nothing else counts, and nothing is sent before it fits.
import type { TLSSocket } from 'node:tls';
import WebSocket from 'ws';
import { LIMITS } from '../protocol/index.js';

const hex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** Opens a socket. `pin` is the SHA-256 of the certificate as lower-case hex. */
export function openSocket(url: string, pin: string | undefined): WebSocket {
  const options = { perMessageDeflate: false, maxPayload: LIMITS.maxPayloadBytes };
  if (pin === undefined || !url.startsWith('wss:')) return new WebSocket(url, options);
  // A self-signed certificate has no authority behind it; the pin says more than one could.
  const socket = new WebSocket(url, {
    ...options,
    rejectUnauthorized: false,
    finishRequest(request) {
      request.once('socket', (raw) => {
        const tls = raw as TLSSocket;
        tls.once('secureConnect', () => {
          const shown = hex(tls.getPeerCertificate().fingerprint256 ?? '');
          if (shown === pin) request.end();
          else request.destroy(new Error(`gateway tls fingerprint mismatch: the certificate is ${shown}`));
        });
      });
    },
  });
  return socket;
}
