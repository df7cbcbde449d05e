// A socket to a gateway whose certificate is known by its fingerprint; nothing is sent to any other.
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { type Transport, type TransportEnd, wrapWebSocket } from '../client/index.js';
import { LIMITS } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { fingerprintOf, normalizeFingerprint } from './fingerprint.js';

const POLICY = 1008;

export interface PinnedTransportOptions {
  /** SHA-256 of the gateway's certificate, 64 hex digits, colons and capitals allowed. */
  fingerprint: string;
  /** Told once per attempt that met another certificate; trying again will not help. */
  onMismatch?: (error: AppError) => void;
  /** How long the TLS and WebSocket handshakes may take together; default 10 000. */
  timeoutMs?: number;
}

function checkCertificate(socket: TLSSocket, expected: string, url: string): AppError | undefined {
  const { raw } = socket.getPeerCertificate();
  const shown = raw ? fingerprintOf(raw) : 'none';
  if (shown === expected) return undefined;
  return new AppError('tls.fingerprint_mismatch', {
    message: `gateway tls fingerprint mismatch: ${url} shows ${shown}, expected ${expected}`,
    details: { expected, shown },
  });
}

type OnCreated = (error: Error | null, socket?: Duplex) => void;

/** Connects, compares, and only then hands the socket to the WebSocket handshake. */
function openChecked(
  options: ConnectionOptions,
  verify: (socket: TLSSocket) => AppError | undefined,
  done: OnCreated,
): void {
  const { host = 'localhost' } = options;
  const isName = !/^[\d.]+$|:/.test(host);
  // The pin replaces the chain: a self-signed certificate has none.
  const socket = connect({
    ...options,
    path: undefined,
    rejectUnauthorized: false,
    ...(isName && { servername: host }),
  });
  const fail = (error: Error): void => done(error);
  const timedOut = (): void => void socket.destroy(new Error('the TLS handshake took too long'));
  socket.once('error', fail);
  if (options.timeout) socket.setTimeout(options.timeout, timedOut);
  socket.once('secureConnect', () => {
    socket.off('error', fail);
    socket.off('timeout', timedOut);
    const mismatch = verify(socket);
    if (!mismatch) {
      done(null, socket);
      return;
    }
    socket.once('error', () => undefined);
    socket.destroy();
    done(mismatch);
  });
}

/** Reports a mismatch as a close with words, since a socket that never opened has none. */
function withWords(transport: Transport, mismatch: () => AppError | undefined): Transport {
  return {
    ...transport,
    onClose: (listener) =>
      transport.onClose((end: TransportEnd) => {
        const error = mismatch();
        listener(error ? { code: POLICY, reason: error.message } : end);
      }),
  };
}

/**
 * A transport maker for GatewayClient that talks to one certificate only. Works for wss:// addresses; for others it
 * throws AppError gateway.url_insecure when it is called. Throws AppError tls.fingerprint_invalid at once.
 * A gateway with another certificate gets nothing; the transport then closes with 1008 and the words of
 * tls.fingerprint_mismatch.
 */
export function createPinnedTransport(options: PinnedTransportOptions): (url: string) => Transport {
  const expected = normalizeFingerprint(options.fingerprint);
  return (url) => {
    if (!/^wss:/i.test(url)) {
      throw new AppError('gateway.url_insecure', {
        message: `A TLS fingerprint is pinned, but ${url} is not encrypted.`,
        hint: 'Use a wss:// address, or remove gateway.remote.tlsFingerprint.',
      });
    }
    let mismatch: AppError | undefined;
    const verify = (socket: TLSSocket): AppError | undefined => {
      mismatch = checkCertificate(socket, expected, url);
      if (mismatch) options.onMismatch?.(mismatch);
      return mismatch;
    };
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: LIMITS.maxPayloadBytes,
      handshakeTimeout: options.timeoutMs ?? LIMITS.handshakeTimeoutMs,
      createConnection: ((settings: ConnectionOptions, done: OnCreated) => {
        openChecked(settings, verify, done);
      }) as never,
    });
    // A close always follows an error, and tells what can be told.
    socket.on('error', () => undefined);
    return withWords(wrapWebSocket(socket), () => mismatch);
  };
}
