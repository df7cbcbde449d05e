// The web room: pages and searches for agents, and a client for addresses that are not trusted.

/** Whether an IP address may be connected to. */
export { classifyAddress, isForbiddenAddress } from './address.js';
/** Text from outside between unguessable markers, for results of other tools. */
export { externalBlock } from './external-block.js';
/** Requests to addresses that somebody else chose: judged on every hop. */
export { guardedFetch, type GuardedFetchOptions, type GuardedResponse } from './guarded-fetch.js';
/** The same for files too large for memory: the bytes as they come. */
export { guardedChunks, type GuardedChunksOptions } from './guarded-chunks.js';
/** Judges an address before a name is looked up, and reads tools.web.fetch.ssrfPolicy. */
export { judgeUrl, readWebPolicy, STRICT_POLICY, type WebPolicy, type WebTarget } from './url-policy.js';
export type { Connect, ConnectOptions, Lookup } from './connect.js';
export type { WebToolsOptions } from './web-options.js';
/** The tools as a source for the toolbox. */
export { createWebTools, type WebTools } from './web-tools.js';
