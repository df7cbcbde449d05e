// Makes a certificate that is trusted by its fingerprint, not by an authority.
import { isIP } from 'node:net';

const VALID_DAYS = 3650;
const DAY_MS = 86_400_000;

export interface SelfSigned {
  cert: string;
  key: string;
}

/** Names and addresses that clients may use for `hosts`; the any-address stands for none of its own. */
export function alternativeNames(
  hosts: readonly string[],
): Array<{ type: 2; value: string } | { type: 7; ip: string }> {
  const named = hosts.filter((host) => host !== '' && host !== '0.0.0.0' && host !== '::');
  const all = new Set(['localhost', '127.0.0.1', '::1', ...named]);
  return [...all].map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }));
}

/** A P-256 pair in PEM, good for ten years from `nowMs`. */
export async function makeSelfSigned(hosts: readonly string[], nowMs: number): Promise<SelfSigned> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'OpenClaw gateway' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A day early, so that a client whose clock is behind takes it too.
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: alternativeNames(hosts) },
    ],
  });
  return { cert: made.cert, key: made.private };
}
