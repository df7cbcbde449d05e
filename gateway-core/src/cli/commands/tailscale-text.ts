// Pure: how Tailscale stands, in a few words.
import type { TailscaleStatus } from '../../protocol/index.js';

/** `status` is what the gateway says; undefined when it does not answer, then only the configured mode is known. */
export function tailscaleText(status: TailscaleStatus | 'off' | undefined, configured: string): string {
  if (status === undefined) return configured === 'off' ? 'off' : `${configured} · unknown (gateway not reachable)`;
  if (status === 'off') return 'off';
  const { mode, state, url, error } = status;
  if (state === 'on') return [mode, url].filter(Boolean).join(' · ');
  return state === 'starting' ? `${mode} · starting` : `${mode} · failed: ${error ?? 'see the log of the gateway'}`;
}
