// The hook command-logger: one JSON line for each command.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { shortLine } from '../shared/front-matter.js';
import { appendLine, moveAside } from '../shared/json-file.js';
import type { BundledHookContext } from './bundled-hook.js';
import type { LifecycleEvent } from './lifecycle-events.js';

const MAX_BYTES = 5 * 1024 * 1024;

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Adds a line to logs/commands.log; a full file becomes commands.log.1. */
export async function logCommand(
  event: LifecycleEvent,
  { atMs, stateDir }: Pick<BundledHookContext, 'atMs' | 'stateDir'>,
): Promise<void> {
  const file = path.join(stateDir, 'logs', 'commands.log');
  if ((await sizeOf(file)) >= MAX_BYTES) await moveAside(file, `${file}.1`);
  const line = {
    timestamp: new Date(atMs).toISOString(),
    action: event.name.slice(event.name.indexOf(':') + 1),
    sessionKey: shortLine(event.sessionKey, 500),
    senderId: shortLine(event.senderId, 200) || 'unknown',
    source: shortLine(event.channel, 100) || 'webchat',
  };
  await appendLine(file, JSON.stringify(line));
}
