// The state vocabulary in words: the same for tray, tooltip and menus as for the window's status pill.
import type { GatewayStatus } from '../contract/desktop.js';

const MAX_REASON_LENGTH = 72;

function shorten(text: string): string {
  const plain = text.replace(/\s+/g, ' ').replace(/\.$/, '');
  return plain.length <= MAX_REASON_LENGTH ? plain : `${plain.slice(0, MAX_REASON_LENGTH - 1).trimEnd()}…`;
}

function withDetail(word: string, detail: string | undefined): string {
  return detail ? `${word} – ${shorten(detail)}` : word;
}

/** One line about the gateway: a word, and why or what where that is known. */
export function describeStatus(status: GatewayStatus): string {
  switch (status.state) {
    case 'starting':
      return withDetail('Starting', status.step);
    case 'restarting':
      return withDetail('Reconnecting', status.step ?? status.reason?.message);
    case 'ready':
      return 'Ready';
    case 'working':
      return status.working === 1 ? '1 agent working' : `${status.working} agents working`;
    case 'stopped':
      return 'Stopped';
    case 'failed':
      return withDetail('Cannot start', status.reason?.message);
  }
}
