// Pure: what the `tailscale` program says about this computer and about serving, and what to do about it.
import type { JobResult } from '../../shared/spawn.js';

export type ServeMode = 'serve' | 'funnel';

export interface ServeFailure {
  /** A sentence: what is wrong. */
  reason: string;
  /** A sentence: what to do. */
  hint: string;
  /** It may pass without a restart of the gateway. */
  passing?: boolean;
}

export interface TailnetSelf {
  /** `desk.tail1234.ts.net`, without a dot at the end. */
  name: string;
  /** False while the tailnet gives its computers no certificates. */
  hasCertificate: boolean;
}

const AGAIN = 'The gateway tries again every minute.';
const RESTART = 'Then restart the gateway.';

export const NOT_INSTALLED: ServeFailure = {
  reason: 'The program `tailscale` was not found.',
  hint: `Install Tailscale, sign in with \`tailscale up\`, and see that \`tailscale\` is on the PATH of the gateway. ${RESTART}`,
};

export const NO_CERTIFICATE: ServeFailure = {
  reason: 'HTTPS certificates are switched off in your tailnet, so browsers cannot open the address.',
  hint: 'Switch them on under DNS in the admin console of Tailscale (https://login.tailscale.com/admin/dns). The gateway tries again every minute.',
  passing: true,
};

const UNREADABLE: ServeFailure = {
  reason: '`tailscale status --json` answered in a form that cannot be read.',
  hint: `Update Tailscale. ${RESTART}`,
};

const NOT_RUNNING: Record<string, ServeFailure> = {
  NeedsLogin: {
    reason: 'This computer is not signed in to Tailscale.',
    hint: `Run \`tailscale up\`. ${AGAIN}`,
    passing: true,
  },
  NeedsMachineAuth: {
    reason: 'This computer waits to be approved in your tailnet.',
    hint: `Approve it in the admin console of Tailscale. ${AGAIN}`,
    passing: true,
  },
  Stopped: { reason: 'Tailscale is switched off.', hint: `Run \`tailscale up\`. ${AGAIN}`, passing: true },
};

const STARTING: ServeFailure = { reason: 'Tailscale is not connected yet.', hint: AGAIN, passing: true };

/** Why `tailscale status` itself failed; `said` is the message of its error. */
export function statusFailure(said: string): ServeFailure {
  if (/failed to connect|doesn't appear to be running|is the Tailscale (service|daemon) running/i.test(said)) {
    return { reason: 'The Tailscale service does not run.', hint: `Start Tailscale. ${AGAIN}`, passing: true };
  }
  if (/access denied/i.test(said)) return denied();
  return { reason: `\`tailscale status\` failed: ${lastLine(said)}`, hint: AGAIN, passing: true };
}

interface StatusOutput {
  BackendState?: unknown;
  Self?: { DNSName?: unknown } | null;
  CertDomains?: unknown;
}

/** The output of `tailscale status --json`. */
export function readSelf(output: string): { ok: true; self: TailnetSelf } | { ok: false; failure: ServeFailure } {
  let value: StatusOutput | null;
  try {
    value = JSON.parse(output) as StatusOutput | null;
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, failure: UNREADABLE };
    throw error;
  }
  if (typeof value?.BackendState !== 'string') return { ok: false, failure: UNREADABLE };
  if (value.BackendState !== 'Running') return { ok: false, failure: NOT_RUNNING[value.BackendState] ?? STARTING };
  const dnsName = value.Self?.DNSName;
  const name = typeof dnsName === 'string' ? dnsName.replace(/\.$/, '').toLowerCase() : '';
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)) return { ok: false, failure: STARTING };
  return { ok: true, self: { name, hasCertificate: Array.isArray(value.CertDomains) && value.CertDomains.length > 0 } };
}

function denied(): ServeFailure {
  return {
    reason: 'This account may not change what Tailscale serves.',
    hint: `Run \`sudo tailscale set --operator=$USER\` once. ${RESTART}`,
  };
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const found = lines.findLast((line) => line !== '') ?? 'it said nothing';
  return found.slice(0, 300);
}

const TITLE: Record<ServeMode, string> = { serve: 'Tailscale Serve', funnel: 'Tailscale Funnel' };

/** The page that allows it, which the program prints before it begins to wait for somebody to open it. */
function notEnabled(mode: ServeMode, said: string): ServeFailure | undefined {
  const link = /https:\/\/login\.tailscale\.com\/\S+/.exec(said)?.[0];
  if (link === undefined && !/is not enabled on your tailnet/i.test(said)) return undefined;
  const page = link ?? 'the admin console of Tailscale';
  return { reason: `${TITLE[mode]} is not allowed in your tailnet.`, hint: `Open ${page} and allow it. ${RESTART}` };
}

/** Why `tailscale serve` or `tailscale funnel` did not do it; `command` is what was run. */
export function serveFailure(mode: ServeMode, command: string, { stdout, stderr, endedBy }: JobResult): ServeFailure {
  const said = `${stdout}\n${stderr}`;
  const closed = notEnabled(mode, said);
  if (closed) return closed;
  if (/access denied|--operator|permission denied/i.test(said)) return denied();
  if (/HTTPS must be enabled|does not support getting TLS certs/i.test(said)) return NO_CERTIFICATE;
  if (/Funnel not available|node attribute/i.test(said)) {
    const hint = `Give this computer the attribute "funnel" in the policy of your tailnet (https://tailscale.com/s/no-funnel). ${RESTART}`;
    return { reason: 'This computer may not use Tailscale Funnel.', hint };
  }
  if (/shields-up/i.test(said)) {
    return {
      reason: 'Tailscale lets no connections in to this computer.',
      hint: `Run \`tailscale set --shields-up=false\`. ${RESTART}`,
    };
  }
  if (/already (exists|serving)/i.test(said)) {
    return {
      reason: 'Tailscale serves something else on port 443 of this computer.',
      hint: `See it with \`tailscale serve status\` and take it away. ${RESTART}`,
    };
  }
  const how = endedBy === 'timeout' ? 'did not end in time' : `failed: ${lastLine(stderr.trim() || stdout)}`;
  return { reason: `\`${command}\` ${how}.`, hint: `Run it in a terminal to see what it needs. ${RESTART}` };
}
