// What the specification says about a case of the auth matrix (gateway-protocol.md §3.3, §3.5–3.8; interop.md §5).
// Written from the documents, as tables and sentences; it shares no code with the server.
import type { MatrixCase } from './cases.js';

/** `full`: with the scopes asked for; `bare`: in, but with none. */
export type Verdict =
  | 'full'
  | 'bare'
  | 'refuse:origin'
  | 'refuse:device-missing'
  | 'refuse:device-proof'
  | 'refuse:auth'
  | 'refuse:pairing';

type Signed = 'no' | 'open' | 'secret' | 'tailscale' | 'proxy' | 'device-token';

const isLocal = ({ place, host }: MatrixCase): boolean => place.isNear && host.isLocal;
const isControlUi = ({ client }: MatrixCase): boolean => client.kind === 'control-ui';
const isPage = ({ client }: MatrixCase): boolean => client.kind === 'control-ui' || client.kind === 'webchat';

function isOriginFine(matrix: MatrixCase): boolean {
  switch (matrix.origin.kind) {
    case 'absent':
      return !isPage(matrix);
    case 'listed':
      return true;
    case 'here':
      return isLocal(matrix);
    case 'foreign':
      return false;
  }
}

/** §3.6, first part: mode, secret, proxy, Tailscale. */
function signedIn(matrix: MatrixCase): Signed {
  const { mode, credential, place, identity, protocol, allowTailscale } = matrix;
  if (mode === 'none') return 'open';
  if (mode === 'trusted-proxy') return place.isTrusted && identity === 'allowed-user' ? 'proxy' : 'no';
  if (allowTailscale && place.tailscale === 'true') return 'tailscale';
  const isRight = credential === 'right' || (credential === 'right-in-other-field' && protocol === 4);
  return isRight ? 'secret' : 'no';
}

/** A device token opens the door of its own device and role, for scopes it was given. */
function signedByDevice({ credential, device }: MatrixCase): boolean {
  const isSent = credential === 'device-token' || credential === 'device-token-as-token';
  return isSent && (device === 'paired' || device === 'other-platform');
}

/** §3.5. */
function withoutDevice(matrix: MatrixCase, signed: Signed): Verdict {
  const { ui, role, credential, client, protocol, origin } = matrix;
  const isIn = signed !== 'no';
  if (role === 'operator' && isControlUi(matrix)) {
    if (ui === 'device-auth-disabled') return isIn ? 'full' : 'refuse:auth';
    if (signed === 'proxy') return 'bare';
    if (ui === 'strict' || !isLocal(matrix)) return 'refuse:device-missing';
    if (signed === 'secret') return 'full';
  }
  if (role === 'operator' && signed === 'secret') {
    const isCommand = client.kind === 'command' || client.kind === 'helper';
    return protocol === 4 && isCommand && isLocal(matrix) && origin.kind === 'absent' ? 'full' : 'bare';
  }
  if (role === 'node' && isControlUi(matrix)) return 'refuse:device-missing';
  const gaveSecret = credential !== 'none' && credential !== 'device-token' && credential !== 'wrong-device-token';
  return !isIn && gaveSecret ? 'refuse:auth' : 'refuse:device-missing';
}

/** §3.8, the clients that are not asked to pair. */
function needsNoPairing(matrix: MatrixCase, signed: Signed): boolean {
  const { client, origin, ui, role } = matrix;
  const bySecret = signed === 'secret' || signed === 'device-token';
  if (client.kind === 'helper' && isLocal(matrix) && origin.kind === 'absent' && bySecret) return true;
  if (!isControlUi(matrix) || role !== 'operator') return false;
  return signed === 'proxy' || signed === 'open' || ui === 'device-auth-disabled';
}

/** §3.8, the table. */
function paired(matrix: MatrixCase): Verdict {
  const isTrustedPlace = isLocal(matrix) && (matrix.origin.kind === 'absent' || isPage(matrix));
  switch (matrix.device) {
    case 'paired':
      return 'full';
    case 'unknown':
      return isTrustedPlace ? 'full' : 'refuse:pairing';
    case 'fewer':
      // A node asks for no scopes, so none are missing.
      return isTrustedPlace || matrix.role === 'node' ? 'full' : 'refuse:pairing';
    default:
      return 'refuse:pairing';
  }
}

export function expected(matrix: MatrixCase): Verdict {
  if (!isOriginFine(matrix)) return 'refuse:origin';
  const shared = signedIn(matrix);
  if (matrix.device === 'none') return withoutDevice(matrix, shared);
  if (matrix.device === 'forged' || matrix.device === 'stale') return 'refuse:device-proof';
  const isFewerNode = matrix.device === 'fewer' && matrix.role === 'node';
  const byDevice = signedByDevice(isFewerNode ? { ...matrix, device: 'paired' } : matrix);
  const signed = shared === 'no' && byDevice ? 'device-token' : shared;
  if (signed === 'no') return 'refuse:auth';
  return needsNoPairing(matrix, signed) ? 'full' : paired(matrix);
}

/** The class of a refusal that the gateway gave. */
export function classOf(code: string): Verdict | undefined {
  if (code === 'CONTROL_UI_ORIGIN_NOT_ALLOWED') return 'refuse:origin';
  if (code === 'DEVICE_IDENTITY_REQUIRED' || code === 'CONTROL_UI_DEVICE_IDENTITY_REQUIRED')
    return 'refuse:device-missing';
  if (code.startsWith('DEVICE_AUTH_')) return 'refuse:device-proof';
  if (code === 'PAIRING_REQUIRED') return 'refuse:pairing';
  return code.startsWith('AUTH_') ? 'refuse:auth' : undefined;
}
