import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { createLogHub, type LogRecord } from '../shared/logger.js';
import { createMemoryFlush, type FlushOccasion, type MemoryFlushOptions } from './index.js';
import { flushQuestion } from './memory-flush.js';

let dir: string;
let records: LogRecord[];
let config: OpenClawConfig;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'flush-')));
  records = [];
  config = {};
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const NOON = new Date(2026, 2, 4, 12).getTime();

function flush(changes: Partial<MemoryFlushOptions> = {}) {
  const hub = createLogHub();
  hub.addSink({ write: (record) => void records.push(record) });
  return createMemoryFlush({ config: () => config, clock: { now: () => NOON }, log: hub.logger('memory'), ...changes });
}

function occasion(changes: Partial<FlushOccasion> = {}) {
  const asked: Array<Parameters<FlushOccasion['ask']>> = [];
  const made: FlushOccasion = {
    scope: {
      ...{ agentId: 'main', sessionKey: 'agent:main:main', sessionId: 's1', runId: 'r', workspaceDir: dir },
      ...{ isMain: true, subagentDepth: 0 },
    },
    signal: new AbortController().signal,
    messages: [{ role: 'user', content: 'We chose blue.', timestamp: 1 }],
    ask: (...args) => {
      asked.push(args);
      return Promise.resolve('NO_REPLY');
    },
    ...changes,
  };
  return { made, asked };
}

describe('the memory flush', () => {
  it('asks the agent to write into the file of the day', async () => {
    const { made, asked } = occasion();
    await flush()(made);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.[0]).toContain('memory/2026-03-04.md');
    expect(asked[0]?.[0]).toContain('answer NO_REPLY');
    expect(asked[0]?.[1]).toEqual({ maxSteps: 6 });
  });

  it('asks once for each shortening', async () => {
    const run = flush();
    const { made, asked } = occasion();
    await run(made);
    await run(made);
    expect(asked).toHaveLength(1);
    await run({ ...made, messages: [...made.messages, { role: 'user', content: 'And red.', timestamp: 2 }] });
    expect(asked).toHaveLength(2);
    await run({ ...made, scope: { ...made.scope, sessionKey: 'agent:main:other' } });
    expect(asked).toHaveLength(3);
  });

  it('keeps to the config', async () => {
    config = {
      agents: {
        defaults: {
          compaction: { memoryFlush: { prompt: 'Keep it in notes/YYYY-MM-DD.', systemPrompt: 'Be short.' } },
        },
      },
    };
    const { made, asked } = occasion();
    await flush()(made);
    expect(asked).toEqual([
      [flushQuestion('2026-03-04', 'Keep it in notes/YYYY-MM-DD.'), { maxSteps: 6, system: 'Be short.' }],
    ]);
    expect(asked[0]?.[0]).toMatch(/^Keep it in notes\/2026-03-04\.\n.*NO_REPLY\.$/);
    config = { agents: { defaults: { compaction: { memoryFlush: { enabled: false } } } } };
    const off = occasion();
    await flush()(off.made);
    expect(off.asked).toEqual([]);
  });

  it('asks nothing where nothing can be written', async () => {
    const { made, asked } = occasion();
    await flush({ isWritable: () => Promise.resolve(false) })(made);
    const gone = { ...made, scope: { ...made.scope, workspaceDir: path.join(dir, 'gone') } };
    await flush()(gone);
    await flush({ isWritable: () => Promise.resolve(true) })(gone);
    await flush()({ ...made, messages: [] });
    expect(asked).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('asks nothing in a folder that is read-only', async () => {
    await chmod(dir, 0o500);
    const { made, asked } = occasion();
    await flush()(made);
    await chmod(dir, 0o700);
    expect(asked).toEqual([]);
  });

  it('only logs what fails, and lets a stop through', async () => {
    await flush()(occasion({ ask: () => Promise.reject(new Error('overloaded')) }).made);
    expect(records).toMatchObject([{ level: 'warn', fields: { sessionKey: 'agent:main:main' } }]);
    const stopped = new AbortController();
    const { made } = occasion({
      signal: stopped.signal,
      ask: () => {
        stopped.abort(new Error('stopped'));
        return Promise.reject(new Error('overloaded'));
      },
    });
    await expect(flush()(made)).rejects.toThrow('stopped');
  });
});
