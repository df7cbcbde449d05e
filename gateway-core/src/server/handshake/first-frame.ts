// Pure: reads the first frame of a connection (spec/gateway-protocol.md §3.3, rows 1 to 6).
import {
  CLOSE,
  ConnectParams,
  describeFaults,
  fits,
  negotiateProtocol,
  PROTOCOL_VERSIONS,
  type ProtocolVersion,
  RequestFrame,
} from '../../protocol/index.js';
import { type Refusal, refuse } from './refusal.js';

export interface ConnectRequest {
  id: string;
  params: ConnectParams;
  protocol: ProtocolVersion;
  role: 'operator' | 'node';
}

export type FirstFrame =
  { kind: 'connect'; request: ConnectRequest } | { kind: 'refuse'; id?: string; refusal: Refusal };

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The protocol a client that is too old, or too new, should be told about. */
function nearestProtocol(maxProtocol: number): ProtocolVersion {
  const oldest = PROTOCOL_VERSIONS[0];
  return maxProtocol < oldest ? oldest : (PROTOCOL_VERSIONS[PROTOCOL_VERSIONS.length - 1] ?? oldest);
}

function protocolMismatch(maxProtocol: number): Refusal {
  const message = 'protocol mismatch';
  const details = { expectedProtocol: nearestProtocol(maxProtocol) };
  return { ...refuse('INVALID_REQUEST', message, details), closeCode: CLOSE.protocolError };
}

export function readFirstFrame(text: string): FirstFrame {
  const parsed = parseJson(text);
  if (!parsed) return { kind: 'refuse', refusal: { closeCode: CLOSE.normal, closeReason: '' } };
  const frame = parsed.value;
  if (!fits(RequestFrame, frame)) {
    return { kind: 'refuse', refusal: { closeCode: CLOSE.policy, closeReason: 'invalid request frame' } };
  }
  const { id, method, params: sent = {} } = frame as RequestFrame;
  const reject = (refusal: Refusal): FirstFrame => ({ kind: 'refuse', id, refusal });
  if (method !== 'connect') {
    return reject(refuse('INVALID_REQUEST', 'invalid handshake: first request must be connect'));
  }
  const faults = describeFaults(ConnectParams, sent);
  if (faults) return reject(refuse('INVALID_REQUEST', `invalid connect params: ${faults}`));
  const params = sent as ConnectParams;
  const protocol = negotiateProtocol(params.minProtocol, params.maxProtocol);
  if (!protocol) return reject(protocolMismatch(params.maxProtocol));
  const role = params.role ?? 'operator';
  if (role !== 'operator' && role !== 'node') return reject(refuse('INVALID_REQUEST', 'invalid role'));
  return { kind: 'connect', request: { id, params, protocol, role } };
}
