// Pure: may this device come in, may it be let in silently, or must somebody approve it (spec/gateway-protocol.md §3.8).
import type { DeviceClaim, PairedDevice } from './records.js';
import { scopesCover } from './scopes.js';

export type PairingReason = 'not-paired' | 'scope-upgrade' | 'role-upgrade' | 'metadata-upgrade';

export type PairingDecision = { kind: 'paired' } | { kind: 'approve' | 'ask'; reason: PairingReason };

export interface PairingQuestion {
  paired: PairedDevice | undefined;
  claim: Pick<DeviceClaim, 'publicKey' | 'role' | 'scopes' | 'platform' | 'deviceFamily'>;
  isLocal: boolean;
  hasOrigin: boolean;
  /** Control UI or webchat: pages that may be let in silently although they carry an Origin. */
  isBrowserUi: boolean;
}

const SILENT_REASONS: ReadonlySet<PairingReason> = new Set(['not-paired', 'scope-upgrade']);

function plain(text: string | undefined): string {
  return (text ?? '').trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A value that was pinned at pairing must stay; one that was never given may appear later. */
function isChanged(pinned: string | undefined, claimed: string | undefined): boolean {
  return plain(pinned) !== '' && plain(pinned) !== plain(claimed);
}

function missingReason({ paired, claim }: PairingQuestion): PairingReason | undefined {
  if (!paired || paired.publicKey !== claim.publicKey) return 'not-paired';
  if (isChanged(paired.platform, claim.platform) || isChanged(paired.deviceFamily, claim.deviceFamily)) {
    return 'metadata-upgrade';
  }
  if (!paired.roles.includes(claim.role)) return 'role-upgrade';
  return scopesCover(claim.role, paired.scopes, claim.scopes) ? undefined : 'scope-upgrade';
}

/** `approve` means: pair it now and tell the operators; `ask` means: keep a pending request and refuse. */
export function decidePairing(question: PairingQuestion): PairingDecision {
  const reason = missingReason(question);
  if (!reason) return { kind: 'paired' };
  const isTrustedPlace = question.isLocal && (!question.hasOrigin || question.isBrowserUi);
  return { kind: isTrustedPlace && SILENT_REASONS.has(reason) ? 'approve' : 'ask', reason };
}
