// The devices room: who may connect, with which token, and the key pair of this computer.
export { checkDeviceProof, type DeviceProof, type ProofFailure } from './device-proof.js';
export {
  createDevicesMethods,
  type DevicesMethodName,
  type DevicesMethodsOptions,
  type DisconnectDevice,
} from './devices-methods.js';
export { DeviceStore, type DeviceStoreOptions, type TokenQuestion } from './device-store.js';
export { type GatewayIdentity, loadGatewayIdentity } from './gateway-identity.js';
export { decidePairing, type PairingDecision, type PairingQuestion, type PairingReason } from './pairing-decision.js';
export type { PendingChange } from './pending-pairings.js';
export {
  type BootstrapToken,
  type DeviceClaim,
  type DeviceToken,
  type PairedDevice,
  type PendingPairing,
} from './records.js';
export { effectiveScopes, normalizeScopes, scopesCover } from './scopes.js';
export { createSetupCode, readSetupCode, type SetupCode } from './setup-code.js';
export { createToken, secretsMatch } from './secrets.js';
