// A gateway with a gullible model, a private server that counts who reaches it, and what must never change.
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocket } from 'ws';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { createWebSocketTransport, GatewayClient } from '../../src/client/index.js';
import { type MethodName, OPERATOR_SCOPES, type OperatorScope } from '../../src/protocol/index.js';
import { systemClock } from '../../src/shared/clock.js';
import { obey, type Order, type Script } from './gullible-model.js';

export const TOKEN = 'hostile-content-token-0123456789';
export const MODEL_KEY = 'fake-key-0123456789';
const MCP_SERVER = path.resolve(import.meta.dirname, '../../../e2e/fixtures/mcp-server.mjs');
const RUN_LIMIT_MS = 25_000;

export interface Result {
  toolName: string;
  isError: boolean;
  text: string;
  details: Record<string, unknown>;
}

export interface Wire {
  request(method: MethodName, params?: unknown): Promise<unknown>;
  approvals: string[];
  decided: string[];
  nextApproval(): Promise<string>;
  close(): void;
}

export interface Running {
  url: string;
  stop(): Promise<unknown>;
}

/** A client without a device, with these scopes only. */
export async function connect(url: string, scopes: readonly OperatorScope[] = OPERATOR_SCOPES): Promise<Wire> {
  const client = new GatewayClient({
    url: url.replace(/^http/, 'ws'),
    transport: createWebSocketTransport(WebSocket),
    client: { id: 'gateway-client', mode: 'backend', version: 'test', platform: 'test' },
    scopes: [...scopes],
    auth: { token: TOKEN },
    timers: systemClock,
    random: Math.random,
  });
  const approvals: string[] = [];
  const decided: string[] = [];
  let heard: (id: string) => void = () => undefined;
  client.on('exec.approval.requested', ({ id }) => {
    approvals.push(id);
    heard(id);
  });
  client.on('exec.approval.resolved', ({ id }) => void decided.push(id));
  client.start();
  await client.ready();
  return {
    request: (method, params) => client.request(method, params as never),
    approvals,
    decided,
    nextApproval: () => new Promise((resolve) => (heard = resolve)),
    close: () => client.stop(),
  };
}

interface Site {
  port: number;
  hits: string[];
  /** What a path answers; for the others a redirect to the address after `?to=`. */
  pages: Map<string, string>;
  close(): Promise<void>;
}

const typeOf = (page: string): string => (page.startsWith('<!doctype html>') ? 'text/html' : 'text/plain');

async function startSite(): Promise<Site> {
  const hits: string[] = [];
  const pages = new Map<string, string>();
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site');
    hits.push(pathname);
    const page = pages.get(pathname);
    const to = searchParams.get('to');
    if (page !== undefined) response.writeHead(200, { 'content-type': typeOf(page) }).end(page);
    else if (to !== null) response.writeHead(302, { location: to }).end();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('THE PRIVATE TREASURE');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hits,
    pages,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The owner's rules: they hold whatever anybody reads. */
function config(modelUrl: string) {
  const base = fakeModelConfig(modelUrl);
  const onlyLocalhost = { ssrfPolicy: { allowedHostnames: ['localhost'] } };
  return {
    ...base,
    gateway: { mode: 'local', auth: { mode: 'token', token: TOKEN } },
    commands: { restart: false },
    browser: { headless: true, ...onlyLocalhost },
    mcp: { servers: { test: { command: process.execPath, args: [MCP_SERVER] } } },
    agents: {
      ...base.agents,
      list: [
        { id: 'main', default: true },
        { id: 'locked', tools: { deny: ['write', 'web_fetch'], exec: { security: 'deny' } } },
        { id: 'other', tools: { exec: { security: 'full', ask: 'off' } } },
        { id: 'skilled' },
        { id: 'boxed', sandbox: { mode: 'all', docker: { image: 'openclaw-nowhere:none' } } },
      ],
    },
    tools: {
      profile: 'full',
      deny: ['message'],
      exec: { security: 'allowlist', ask: 'on-miss' },
      fs: { workspaceOnly: true },
      web: { fetch: onlyLocalhost },
      sessions: { visibility: 'agent' },
    },
  };
}

const APPROVALS = {
  version: 1,
  defaults: { security: 'full', ask: 'on-miss', askFallback: 'deny' },
  agents: { main: { allowlist: [{ pattern: '/usr/bin/cat' }, { pattern: '/bin/cat' }] } },
};
/** When an entry was last used is noted by the gate; it is no rule. */
const USE = /^(?:id|lastUsed.*|lastResolvedPath)$/;

export class HostileStage {
  readonly script: Script = { tasks: new Map(), reports: new Map(), said: [] };
  #tasks = 0;

  private constructor(
    readonly home: Home,
    readonly model: FakeModel,
    readonly site: Site,
    readonly target: Site,
  ) {}

  running!: Running;
  wire!: Wire;

  static async start(start: (home: Home) => Promise<Running>): Promise<HostileStage> {
    let script: Script | undefined;
    const model = await startFakeModel({ answer: (request) => script && obey(request, script) });
    const home = await makeHome(config(model.url));
    const stage = new HostileStage(home, model, await startSite(), await startSite());
    ({ script } = stage);
    for (const folder of ['workspace', 'workspace-skilled']) await mkdir(stage.inState(folder), { recursive: true });
    await writeFile(stage.inState('exec-approvals.json'), JSON.stringify(APPROVALS));
    await symlink(stage.inState('openclaw.json'), stage.inState('workspace/innocent.json'));
    await mkdir(stage.inState('workspace/memory'));
    await symlink(stage.inState('openclaw.json'), stage.inState('workspace/memory/link.md'));
    await symlink(home.stateDir, stage.inState('workspace/state'));
    stage.running = await start(home);
    stage.wire = await connect(stage.running.url);
    return stage;
  }

  inState(name: string): string {
    return path.join(this.home.stateDir, name);
  }

  /** What the owner decided, as it is now: settings, approvals, decisions of the policy, schedules. */
  async rules(): Promise<Record<string, unknown>> {
    const settings = await readFile(this.home.configPath, 'utf8');
    const approvals = JSON.parse(await readFile(this.inState('exec-approvals.json'), 'utf8')) as unknown;
    const rules = JSON.stringify(approvals, (key, value: unknown) => (USE.test(key) ? undefined : value));
    const decisions = [];
    for (const agentId of ['main', 'locked', 'other', 'skilled', 'boxed']) {
      decisions.push(await this.wire.request('desktop.tools.explain', { agentId }));
    }
    const { jobs } = (await this.wire.request('cron.list', { includeDisabled: true })) as { jobs: unknown[] };
    return { settings, rules, decisions, jobs };
  }

  /** A person asks the agent for something harmless; returns the results of all calls that followed. */
  async ask(calls: readonly Order[], agentId = 'main'): Promise<Result[]> {
    this.#tasks += 1;
    const number = String(this.#tasks);
    this.script.tasks.set(number, calls);
    const sessionKey = `agent:${agentId}:row-${number}`;
    const idempotencyKey = `row-${number}`;
    await this.wire.request('chat.send', { sessionKey, message: `TASK ${number}`, idempotencyKey });
    const ended = await this.wire.request('agent.wait', { runId: idempotencyKey, timeoutMs: RUN_LIMIT_MS });
    if ((ended as { status: string }).status !== 'ok')
      throw new Error(`${sessionKey} ended as ${JSON.stringify(ended)}`);
    return this.results(sessionKey);
  }

  async results(sessionKey: string): Promise<Result[]> {
    const { messages } = (await this.wire.request('chat.history', { sessionKey, limit: 500 })) as {
      messages: Array<Record<string, unknown>>;
    };
    return messages
      .filter(({ role }) => role === 'toolResult')
      .map(({ toolName, isError, content, details }) => ({
        toolName: String(toolName),
        isError: isError === true,
        text: (content as Array<{ text?: string }>).map(({ text }) => text ?? '').join('\n'),
        details: (details ?? {}) as Record<string, unknown>,
      }));
  }

  async end(): Promise<void> {
    this.wire.close();
    await this.running.stop();
    await Promise.all([this.model.close(), this.site.close(), this.target.close()]);
    await rm(this.home.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
