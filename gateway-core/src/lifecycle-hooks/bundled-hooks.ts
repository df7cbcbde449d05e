// The hooks that come with the gateway: part of it, so they need no program of their own.
import type { BundledHook } from './bundled-hook.js';
import { logCommand } from './command-logger.js';
import { saveSession } from './session-memory.js';

export const BUNDLED_HOOKS: readonly BundledHook[] = [
  {
    name: 'command-logger',
    description: 'Writes a line for every command (/new, /reset, /stop) to logs/commands.log of the state folder.',
    events: ['command'],
    run: logCommand,
  },
  {
    name: 'session-memory',
    description: 'Keeps the last messages of a conversation in memory/ of the workspace when /new or /reset ends it.',
    events: ['command:new', 'command:reset'],
    run: saveSession,
  },
];
