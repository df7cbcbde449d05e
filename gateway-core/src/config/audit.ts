// One line for every write of the config: when, by whom, from which version to which. No values.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ensureFolder } from '../shared/json-file.js';

export interface ConfigAuditLine {
  ts: string;
  event: 'config.write';
  /** The method or command that asked for the write. */
  source: string;
  configPath: string;
  pid: number;
  existsBefore: boolean;
  previousHash: string | null;
  nextHash: string;
  previousBytes: number;
  nextBytes: number;
  /** Dotted paths of what changed. */
  changedPaths: string[];
  commentsKept: boolean;
  result: 'rename';
}

export function configAuditFile(stateDir: string): string {
  return path.join(stateDir, 'logs', 'config-audit.jsonl');
}

/** Appends a line to `<stateDir>/logs/config-audit.jsonl` (0600). */
export async function appendConfigAudit(stateDir: string, line: ConfigAuditLine): Promise<void> {
  const file = configAuditFile(stateDir);
  await ensureFolder(path.dirname(file));
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`${JSON.stringify(line)}\n`);
  } finally {
    await handle.close();
  }
}
