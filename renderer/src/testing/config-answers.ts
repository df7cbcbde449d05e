// For tests: a gateway that keeps a config file in memory.
import json5 from 'json5';
import { mergePatchOf } from './merge-patch-of.js';
import type { ScriptedGateway } from './scripted-gateway.js';

export interface MemoryConfig {
  raw: string;
  hash(): string;
  /** How many restarts were asked for. */
  restarts: number;
  /** Remaining answers that refuse with the rate limit. */
  limited: number;
}

const refuse = (message: string, more: Record<string, unknown> = {}) => ({
  error: { code: 'INVALID_REQUEST', message, ...more },
});

/** Answers config.get, config.set, config.patch and config.apply like the gateway does, with base hashes. */
export function answerConfig(far: ScriptedGateway, raw: string): MemoryConfig {
  const file: MemoryConfig = { raw, hash: () => `h${file.raw.length}-${file.raw}`, restarts: 0, limited: 0 };
  const write = (next: string, baseHash: unknown) => {
    if (baseHash !== file.hash()) return refuse('config changed since last load; re-run config.get and retry');
    file.raw = next;
    return { payload: { ok: true, path: '/openclaw.json', config: json5.parse(next) } };
  };
  const restarting = (next: string, baseHash: unknown) => {
    if (file.limited > 0) {
      file.limited--;
      const message = 'rate limit exceeded for config.patch; retry after 42s';
      return refuse(message, { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 42_000 });
    }
    const answer = write(next, baseHash);
    if ('payload' in answer) file.restarts++;
    return answer;
  };
  far.answers['config.get'] = () => {
    const parsed: unknown = json5.parse(file.raw);
    const common = { issues: [], warnings: [], legacyIssues: [] };
    const base = { path: '/openclaw.json', exists: true, raw: file.raw, valid: true, hash: file.hash() };
    return { payload: { ...base, ...common, parsed, config: parsed } };
  };
  far.answers['config.set'] = (params) => write(String(params.raw), params.baseHash);
  far.answers['config.apply'] = (params) => restarting(String(params.raw), params.baseHash);
  far.answers['config.patch'] = (params) => {
    const merged = mergePatchOf(json5.parse(file.raw), json5.parse(String(params.raw)));
    return restarting(JSON.stringify(merged), params.baseHash);
  };
  return file;
}

export function unknownMethod(method: string) {
  return () => refuse(`unknown method: ${method}`);
}
