// Tells Chromium which self-signed certificate it may accept: the one our own gateway process reports.
import { session } from 'electron';
import type { Timers } from '../processes/timers.js';
import { judgePatiently, type Pin } from './own-certificate.js';

/** Call once the app is ready. The pin is asked at each connection: a restart may bring another certificate. */
export function pinGatewayCertificate(pin: Pin, timers: Timers): void {
  session.defaultSession.setCertificateVerifyProc(({ hostname, certificate }, answer) => {
    void judgePatiently({ hostname, pem: certificate.data }, pin, timers).then(answer);
  });
}
