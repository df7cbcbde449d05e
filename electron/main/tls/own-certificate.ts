// Whether the window accepts a certificate. Only that of our own gateway, on this computer, gets an exception.
import { X509Certificate } from 'node:crypto';
import type { Timers } from '../processes/timers.js';

/** The part of a certificate question that Chromium asks. */
export interface CertificateQuestion {
  hostname: string;
  /** PEM of the certificate that the server shows. */
  pem: string;
}

/** What `session.setCertificateVerifyProc` wants: 0 accepts, -3 leaves it to Chromium. */
export type CertificateVerdict = 0 | -3;

const ACCEPT = 0;
const ASK_CHROMIUM = -3;
const THIS_COMPUTER = new Set(['127.0.0.1', 'localhost']);

function fingerprintOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (error) {
    // What cannot be parsed is pinned by nobody; Chromium refuses it.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * Accepts exactly the certificate whose SHA-256 is `pinned` (64 lower-case hex digits), and only from this computer's
 * own names. Everything else is judged by Chromium as if there were no exception.
 */
export function judgeCertificate(question: CertificateQuestion, pinned: string | undefined): CertificateVerdict {
  if (pinned === undefined || !THIS_COMPUTER.has(question.hostname)) return ASK_CHROMIUM;
  return fingerprintOf(question.pem) === pinned ? ACCEPT : ASK_CHROMIUM;
}

export interface Pin {
  /** The fingerprint that the ready gateway reported; undefined while there is none. */
  current(): string | undefined;
  /** Called at every news of the gateway; the result stops that. */
  onNews(listener: () => void): () => void;
}

/** A gateway that restarts may show its new certificate a moment before it reports it. */
export const NEWS_WITHIN_MS = 3_000;

/** Like `judgeCertificate`, but a refusal waits for news of the gateway: Chromium remembers refusals for long. */
export function judgePatiently(question: CertificateQuestion, pin: Pin, timers: Timers): Promise<CertificateVerdict> {
  const now = judgeCertificate(question, pin.current());
  if (now === ACCEPT || !THIS_COMPUTER.has(question.hostname)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const end = (verdict: CertificateVerdict): void => {
      cancel();
      deafen();
      resolve(verdict);
    };
    const deafen = pin.onNews(() => {
      const verdict = judgeCertificate(question, pin.current());
      if (verdict === ACCEPT) end(verdict);
    });
    const cancel = timers.after(NEWS_WITHIN_MS, () => end(ASK_CHROMIUM));
  });
}
