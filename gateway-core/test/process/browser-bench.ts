// A browser room with a real Chromium, the real rules of the web, and a workspace in a temporary folder.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserRoom, createBrowser } from '../../src/browser/index.js';
import { bundleWorker } from '../../src/browser/testing/bundle-worker.js';
import type { OpenClawConfig } from '../../src/config/index.js';
import { createHostWorkplace } from '../../src/exec/index.js';
import { type Clock, systemClock } from '../../src/shared/clock.js';
import { silentLogger } from '../../src/shared/logger.js';
import type { ToolContext, ToolResult } from '../../src/tools/index.js';
import { externalBlock, isForbiddenAddress, judgeUrl, readWebPolicy } from '../../src/web/index.js';

export const MARKER = 'm4rk3r';

export interface Bench {
  dir: string;
  workspaceDir: string;
  config: OpenClawConfig;
  browser: BrowserRoom;
  /** One call of the tool by an agent in its main conversation. */
  call(
    args: Record<string, unknown>,
    by?: { agentId?: string; session?: string; signal?: AbortSignal },
  ): Promise<ToolResult>;
  /** The same as text. */
  say(args: Record<string, unknown>, by?: { agentId?: string; session?: string }): Promise<string>;
  /** Ends this room and makes another on the same folders, like a restart. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export function textOf({ content }: ToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}

/** The ref of the element that a snapshot line is about. */
export function refIn(snapshot: string, line: string): string {
  const found = snapshot.split('\n').find((text) => text.includes(line));
  const ref = /\[ref=(\w+)\]/.exec(found ?? '')?.[1];
  if (ref === undefined) throw new Error(`no ref for ${line} in:\n${snapshot}`);
  return ref;
}

interface RoomState {
  dir: string;
  config: OpenClawConfig;
  clock: Clock;
  idleMs?: number;
}

function room(bench: RoomState, workerFile: URL): BrowserRoom {
  return createBrowser({
    config: () => bench.config,
    stateDir: path.join(bench.dir, 'state'),
    port: () => 18789,
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    clock: bench.clock,
    idleMs: bench.idleMs,
    log: silentLogger,
    guard: {
      judge: (url) => judgeUrl(url, readWebPolicy(bench.config.browser?.ssrfPolicy)),
      isForbidden: isForbiddenAddress,
    },
    wrapExternal: (text, source) => externalBlock({ text, source, marker: MARKER }),
    agentIds: () => ['main', 'second'],
    lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    workerFile,
  });
}

export async function startBench(
  config: OpenClawConfig,
  { clock = systemClock, idleMs }: { clock?: Clock; idleMs?: number } = {},
): Promise<Bench> {
  const worker = await bundleWorker();
  const dir = await mkdtemp(path.join(tmpdir(), 'openclaw-browser-'));
  const workspaceDir = path.join(dir, 'workspace');
  await mkdir(workspaceDir);
  const workplace = createHostWorkplace({ workspaceDir, env: process.env });
  const state: RoomState = { dir, config, clock, idleMs };
  const bench: Bench = {
    ...{ dir, workspaceDir },
    get config() {
      return state.config;
    },
    set config(next) {
      state.config = next;
    },
    browser: room(state, worker.file),
    async call(args, by = {}) {
      const { agentId = 'main', session = `agent:${agentId}:main`, signal = new AbortController().signal } = by;
      const scope = {
        agentId,
        sessionKey: session,
        sessionId: 's',
        runId: 'r',
        workspaceDir,
        isMain: true,
        subagentDepth: 0,
      };
      const [tool] = await bench.browser.tools(scope);
      if (!tool) throw new Error('there is no browser tool');
      const context: ToolContext = {
        ...scope,
        ...{ toolCallId: 'c', signal, onUpdate: () => undefined, workplace: () => Promise.resolve(workplace) },
      };
      return tool.execute(args, context);
    },
    say: async (args, by) => textOf(await bench.call(args, by)),
    async restart() {
      await bench.browser.stop();
      bench.browser = room(state, worker.file);
    },
    async end() {
      await bench.browser.stop();
      await worker.remove();
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
  return bench;
}
