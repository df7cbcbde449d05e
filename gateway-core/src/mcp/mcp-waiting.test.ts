// Servers that are slow, hang, vanish or change, and what a turn notices of it.
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import { silentLogger } from '../shared/logger.js';
import type { ToolContext } from '../tools/index.js';
import { createMcpServers, type McpServers } from './index.js';

const FIXTURE = path.resolve(import.meta.dirname, '../../../e2e/fixtures/mcp-server.mjs');
const SLOW = { timeout: 20_000 };

/** Time that passes when a test says so. */
function handClock() {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    every: () => ({ cancel: () => undefined }),
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of [...timers]) {
      if (timer.at > now || !timers.delete(timer)) continue;
      timer.run();
    }
  };
  return { clock, pass, waits: () => [...timers].map(({ at }) => at - now) };
}

const context: ToolContext = {
  ...{ agentId: 'main', sessionKey: 'agent:main:main', sessionId: 's', runId: 'r', workspaceDir: '/' },
  ...{ isMain: true, subagentDepth: 0, toolCallId: 'c', signal: new AbortController().signal },
  ...{ onUpdate: () => undefined, workplace: () => Promise.reject(new Error('not needed')) },
};

const closers: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(handler: RequestListener): Promise<{ http: HttpServer; url: string; port: number }> {
  const http = createServer(handler);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => (http.closeAllConnections(), http.close()));
  const { port } = http.address() as AddressInfo;
  return { http, port, url: `http://127.0.0.1:${port}/mcp` };
}

function open(servers: NonNullable<NonNullable<OpenClawConfig['mcp']>['servers']>) {
  const hand = handClock();
  let config: OpenClawConfig = { mcp: { servers } };
  const source: McpServers = createMcpServers({ config: () => config, clock: hand.clock, log: silentLogger });
  closers.push(() => source.stop());
  const tools = async () => source.tools(context);
  return {
    ...hand,
    source,
    tools,
    change: (next: OpenClawConfig) => (config = next),
    names: async () => (await tools()).map(({ name }) => name),
    state: () => source.status()[0]?.state,
    async call(name: string) {
      const tool = (await tools()).find((found) => found.name === name);
      if (!tool) throw new Error(`no tool ${name}`);
      return tool.execute({}, context);
    },
  };
}

/** A real server over HTTP; `tools` may change while it runs. */
async function webServer(tools: () => string[]) {
  const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  const { CallToolRequestSchema, ListToolsRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const start = async () => {
    const server = new Server({ name: 'web', version: '1' }, { capabilities: { tools: { listChanged: true } } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: tools().map((name) => ({ name, inputSchema: { type: 'object' as const } })),
    }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
      content: [{ type: 'text', text: params.name === 'big' ? 'x'.repeat(11_000_000) : params.name }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    return { server, transport };
  };
  let current = await start();
  const handle: RequestListener = (request, response) => {
    const known = current.transport.sessionId;
    const asked = request.headers['mcp-session-id'];
    if (asked !== undefined && asked !== known) response.writeHead(404).end('{"error":"no such session"}');
    else void current.transport.handleRequest(request, response);
  };
  const { url } = await listen(handle);
  return {
    ...{ url, handle },
    changed: () => current.server.sendToolListChanged(),
    restart: async () => (current = await start()),
  };
}

describe('a server that does not answer', () => {
  it('holds a turn for a second at most, and later turns not at all', SLOW, async () => {
    const { url } = await listen(() => undefined);
    const mcp = open({ deaf: { url }, test: { command: process.execPath, args: [FIXTURE] } });
    const first = mcp.names();
    await expect.poll(() => mcp.source.status()[1]?.state, SLOW).toBe('ready');
    mcp.pass(1_000);
    // The other server's tools are there all the same.
    expect(await first).toContain('test__echo');
    expect(await mcp.names()).toContain('test__echo');
    expect(mcp.source.status()[0]).toEqual({ name: 'deaf', state: 'idle' });
  });

  it('counts as failed after its time limit, also when it never says where to send to', SLOW, async () => {
    const { url } = await listen((_request, response) => void response.writeHead(200, sse).flushHeaders());
    const mcp = open({ deaf: { url, transport: 'sse' } });
    const first = mcp.names();
    mcp.pass(1_000);
    expect(await first).toEqual([]);
    mcp.pass(10_000);
    await expect.poll(() => mcp.state(), SLOW).toBe('failed');
    expect(mcp.source.status()[0]?.error).toBe('no answer within 10 seconds');
  });

  it('does not hold the end of the gateway', SLOW, async () => {
    const { url } = await listen((_request, response) => void response.writeHead(200, sse).flushHeaders());
    const mcp = open({ deaf: { url, transport: 'sse' } });
    const first = mcp.names();
    mcp.pass(1_000);
    await first;
    await mcp.source.stop();
    expect(await mcp.names()).toEqual([]);
  });
});

const sse = { 'content-type': 'text/event-stream' };

it('brings the tools of a server that is ready late to a later step', SLOW, async () => {
  const web = await webServer(() => ['add']);
  let letIn = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => (letIn = resolve));
  const { url } = await listen((request, response) => void isOpen.then(() => web.handle(request, response)));
  const mcp = open({ slow: { url } });
  const first = mcp.names();
  await expect.poll(() => mcp.waits(), SLOW).toContain(1_000);
  mcp.pass(1_000);
  expect(await first).toEqual([]);
  letIn();
  await expect.poll(() => mcp.state(), SLOW).toBe('ready');
  expect(await mcp.names()).toEqual(['slow__add']);
});

describe('a server over HTTP', () => {
  it('that was started anew is asked again in a new session', SLOW, async () => {
    const web = await webServer(() => ['add']);
    const mcp = open({ web: { url: web.url } });
    expect((await mcp.call('web__add')).content).toEqual([{ type: 'text', text: 'add' }]);
    await web.restart();
    expect((await mcp.call('web__add')).content).toEqual([{ type: 'text', text: 'add' }]);
  });

  it('that left the config is not connected by a run that still holds its tool', SLOW, async () => {
    const web = await webServer(() => ['add']);
    const mcp = open({ web: { url: web.url } });
    const [tool] = await mcp.tools();
    mcp.change({});
    await mcp.names();
    await expect(tool?.execute({}, context)).rejects.toMatchObject({ code: 'mcp.unavailable' });
  });

  it('that says its tools changed is asked which they are', SLOW, async () => {
    let tools = ['add'];
    const web = await webServer(() => tools);
    const mcp = open({ web: { url: web.url } });
    expect(await mcp.names()).toEqual(['web__add']);
    tools = ['add', 'add', 'multiply'];
    await expect
      .poll(async () => {
        await web.changed();
        return mcp.names();
      }, SLOW)
      .toEqual(['web__add', 'web__multiply']);
  });

  it('that answers without measure fails the call', SLOW, async () => {
    const web = await webServer(() => ['big']);
    const mcp = open({ web: { url: web.url } });
    const failure = await mcp.call('web__big').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'mcp.call_failed', message: expect.stringContaining('more than') as string });
  });

  it('passes on little of what it says about a failure', SLOW, async () => {
    const { url } = await listen((_request, response) => response.writeHead(401).end(`no\n${'entry '.repeat(5_000)}`));
    const mcp = open({ web: { url } });
    expect(await mcp.names()).toEqual([]);
    const [{ error = '' } = {}] = mcp.source.status();
    expect(error.length).toBeLessThanOrEqual(300);
    expect(error).not.toContain('\n');
  });
});

it('leaves out a server that was switched off', async () => {
  const off = { command: process.execPath, args: [FIXTURE] };
  const mcp = open({ a: { ...off, enabled: false }, b: { ...off, disabled: true } });
  expect(await mcp.names()).toEqual([]);
  expect(mcp.source.status()).toEqual([]);
});
