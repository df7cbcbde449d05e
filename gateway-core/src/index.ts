// The public Node API of the mind: what Electron and other hosts may start.
export { startGateway } from './compose/gateway.js';
export type { GatewayFlags, KeychainOffer, RunningGateway, StartGatewayOptions } from './compose/types.js';
export { type AppError, errorMessage, isAppError } from './shared/app-error.js';
