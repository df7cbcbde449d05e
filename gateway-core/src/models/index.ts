// The models room: which models there are, what a name means, and how one is called.
export { createModels, type ModelsDeps } from './create-models.js';
/** Where the sessions of command-line programs are kept, and the default that forgets them with the process. */
export { type CliSessions, createMemoryCliSessions } from './cli/cli-sessions.js';
export { createModelsMethods } from './methods.js';
/** Signing in to a provider in the browser (PKCE); the key is kept by who compose says. */
export { createSignInMethods } from './sign-in/methods.js';
export { SignIns, type SignInsOptions } from './sign-in/sign-ins.js';
export type {
  ModelApi,
  ModelCost,
  ModelDefaults,
  ModelEvent,
  ModelRequest,
  Models,
  ModelsRoom,
  ModelTarget,
  ModelTool,
  OfflineModel,
  ToolChoice,
} from './types.js';
