// The wire of pairing and device tokens (spec/gateway-protocol.md §7.7).
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Broadcast, Caller, MethodHandlers, WireHandlers } from '../shared/wire.js';
import type { WholeWireMethods } from '../protocol/index.js';
import type { DeviceStore } from './device-store.js';
import type { PairedDevice, PendingPairing } from './records.js';
import { scopesCover } from './scopes.js';

/** Closes the connections of a device; of one role when `role` is given. */
export type DisconnectDevice = (deviceId: string, reason: string, role?: string) => void;

export interface DevicesMethodsOptions {
  store: DeviceStore;
  broadcast: Broadcast;
  disconnect: DisconnectDevice;
  clock: Clock;
}

export type DevicesMethodName = Extract<keyof WholeWireMethods, `device.${string}`>;
/** Methods of this product only. */
type OwnMethodName = 'desktop.devices.rename';

const OPERATOR_PREFIX = 'operator.';
const TOKENS_ECHOED_UNTIL_PROTOCOL = 3;

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

/** Pure: a device without the values of its tokens, under the name its owner gave it. */
function withoutSecrets({ tokens, givenName, ...device }: PairedDevice) {
  const views = Object.values(tokens).map(({ token: _token, ...view }) => view);
  return { ...device, ...(givenName !== undefined && { displayName: givenName }), tokens: views };
}

/** Pure: a name as it is kept: one line, no control characters, no spaces around it. */
function cleanName(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Pure: the first operator scope that the request asks for and its approver does not hold. */
function scopeNotHeld(request: Pick<PendingPairing, 'scopes'>, approver: Caller): string | undefined {
  const asked = request.scopes.filter((scope) => scope.startsWith(OPERATOR_PREFIX));
  return asked.find((scope) => !scopesCover('operator', approver.scopes, [scope]));
}

/** From protocol 4 on a token is told to the device it belongs to and to nobody else. */
function mayHearToken(caller: Caller, deviceId: string): boolean {
  return caller.protocol <= TOKENS_ECHOED_UNTIL_PROTOCOL || caller.deviceId === deviceId;
}

class DevicesMethods {
  constructor(private readonly options: DevicesMethodsOptions) {}

  list() {
    const { store } = this.options;
    return { pending: store.listPending(), paired: store.listPaired().map(withoutSecrets) };
  }

  async approve(requestId: string, caller: Caller) {
    const { store } = this.options;
    const request = store.pending(requestId);
    if (!request) throw invalid('unknown requestId');
    const missing = scopeNotHeld(request, caller);
    if (missing !== undefined) throw invalid(`missing scope: ${missing}`);
    const device = await store.approve(requestId);
    if (!device) throw invalid('unknown requestId');
    this.#tellResolved(request, 'approved');
    return { requestId, device: withoutSecrets(device) };
  }

  async reject(requestId: string) {
    const request = await this.options.store.reject(requestId);
    if (!request) throw invalid('unknown requestId');
    this.#tellResolved(request, 'rejected');
    return { requestId, deviceId: request.deviceId };
  }

  async remove(deviceId: string) {
    const { store, disconnect } = this.options;
    if (!(await store.remove(deviceId))) throw invalid('unknown deviceId');
    afterReply(() => disconnect(deviceId, 'device removed'));
    return { deviceId };
  }

  async rename(deviceId: string, name: string) {
    const device = await this.options.store.rename(deviceId, cleanName(name));
    if (!device) throw invalid('unknown deviceId');
    const { displayName } = withoutSecrets(device);
    return { deviceId, ...(displayName !== undefined && { displayName }) };
  }

  async rotate(question: { deviceId: string; role: string; scopes?: string[] }, caller: Caller) {
    const { store, clock } = this.options;
    const { deviceId, role } = question;
    // Nobody can make a token that may do more than its maker.
    const held = store.device(deviceId);
    const wanted = question.scopes ?? held?.tokens[role]?.scopes ?? held?.scopes ?? [];
    const isCovered = scopeNotHeld({ scopes: [...wanted] }, caller) === undefined;
    const token = isCovered ? await store.rotate(deviceId, role, question.scopes) : undefined;
    if (!token) throw invalid('device token rotation denied');
    return {
      deviceId,
      role,
      ...(mayHearToken(caller, deviceId) && { token: token.token }),
      scopes: token.scopes,
      rotatedAtMs: token.rotatedAtMs ?? clock.now(),
    };
  }

  async revoke(deviceId: string, role: string) {
    const token = await this.options.store.revoke(deviceId, role);
    if (!token) throw invalid('unknown deviceId/role');
    afterReply(() => this.options.disconnect(deviceId, 'device token revoked', role));
    return { deviceId, role, revokedAtMs: token.revokedAtMs ?? this.options.clock.now() };
  }

  #tellResolved({ requestId, deviceId }: PendingPairing, decision: 'approved' | 'rejected'): void {
    const { broadcast, clock } = this.options;
    broadcast('device.pair.resolved', { requestId, deviceId, decision, ts: clock.now() });
  }
}

/** Whoever removes the device it sits on still gets its answer. */
function afterReply(act: () => void): void {
  setImmediate(act);
}

/** The handlers of `device.*`, and renaming. Refusals are AppError request.invalid. Removing and revoking close connections. */
export function createDevicesMethods(
  options: DevicesMethodsOptions,
): WireHandlers<DevicesMethodName> & MethodHandlers<OwnMethodName> {
  const methods = new DevicesMethods(options);
  return {
    'device.pair.list': () => methods.list(),
    'device.pair.approve': ({ requestId }, { caller }) => methods.approve(requestId, caller),
    'device.pair.reject': ({ requestId }) => methods.reject(requestId),
    'device.pair.remove': ({ deviceId }) => methods.remove(deviceId),
    'device.token.rotate': (params, { caller }) => methods.rotate(params, caller),
    'device.token.revoke': ({ deviceId, role }) => methods.revoke(deviceId, role),
    'desktop.devices.rename': ({ deviceId, displayName }) => methods.rename(deviceId, displayName),
  };
}
