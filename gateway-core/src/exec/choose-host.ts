// Pure: on which computer a command runs, and why not elsewhere.
import type { ExecSettings } from './exec-settings.js';

export type ExecHost = 'sandbox' | 'gateway' | 'node';

export interface HostFacts {
  configured: ExecSettings['host'];
  /** What the call asks for. */
  asked?: string;
  wantsElevated: boolean;
  /** Why the conversation may not leave its sandbox; undefined when it may. */
  elevatedRefusal: string | undefined;
  isSandboxed: boolean;
}

export type HostChoice = { host: ExecHost } | { refusal: string };

const refuse = (refusal: string): HostChoice => ({ refusal });

function choose(wanted: string, isSandboxed: boolean): HostChoice {
  if (wanted === 'gateway' || wanted === 'node') return { host: wanted };
  if (wanted === 'sandbox' && !isSandboxed) {
    return refuse(
      'Commands are to run in a sandbox, and this conversation has none. Set agents.defaults.sandbox.mode.',
    );
  }
  return { host: isSandboxed ? 'sandbox' : 'gateway' };
}

/** A call may choose where the config leaves it open; it never leaves the sandbox by its own word. */
export function chooseHost(facts: HostFacts): HostChoice {
  const { configured, asked, wantsElevated, elevatedRefusal, isSandboxed } = facts;
  if (wantsElevated && isSandboxed) {
    if (elevatedRefusal !== undefined) return refuse(`This may not run outside the sandbox: ${elevatedRefusal}.`);
    return { host: 'gateway' };
  }
  if (asked === undefined || asked === 'auto' || asked === configured) return choose(configured, isSandboxed);
  if (configured !== 'auto') {
    return refuse(`Commands run on "${configured}" here, not on "${asked}" (tools.exec.host).`);
  }
  if (asked === 'gateway' && isSandboxed) {
    return refuse('This conversation works in a sandbox; its commands run there, too.');
  }
  return choose(asked, isSandboxed);
}
