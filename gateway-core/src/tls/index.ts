// The TLS room: the certificate of the port, and sockets to a gateway with a pinned certificate.

/** Fingerprints as 64 lower-case hex digits (gateway.remote.tlsFingerprint, setup code, discovery). */
export { fingerprintOf, normalizeFingerprint } from './fingerprint.js';
/** Certificate and key of gateway.tls, made when missing (spec/gateway-config.md §6). */
export { loadTlsMaterial, readTlsFingerprint, type TlsMaterial, type TlsOptions } from './material.js';
/** The transport of a client that pins its gateway. */
export { createPinnedTransport, type PinnedTransportOptions } from './pinned-transport.js';
