import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { ToolContext } from '../tools/index.js';
import { createMcpServers, type McpServers } from './index.js';
import { mcpToolName, readAnswer } from './mcp-tool.js';

const FIXTURE = path.resolve(import.meta.dirname, '../../../e2e/fixtures/mcp-server.mjs');

let now = 0;
const clock: Clock = {
  now: () => now,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
};
const warnings: string[] = [];
const silent = (message: string) => void message;
const log: Logger = {
  ...{ trace: silent, debug: silent, info: silent, error: silent, fatal: silent },
  warn: (message) => void warnings.push(message),
  child: () => log,
};

let servers: McpServers | undefined;
afterEach(async () => {
  await servers?.stop();
  servers = undefined;
  warnings.length = 0;
  now = 0;
});

function context(signal = new AbortController().signal): ToolContext {
  return {
    ...{ agentId: 'main', sessionKey: 'agent:main:main', sessionId: 's', runId: 'r', workspaceDir: '/' },
    ...{ isMain: true, subagentDepth: 0, toolCallId: 'c', signal, onUpdate: () => undefined },
    workplace: () => Promise.reject(new Error('not needed')),
  };
}

const STDIO: OpenClawConfig = { mcp: { servers: { test: { command: process.execPath, args: [FIXTURE] } } } };

async function open(config: OpenClawConfig) {
  let current = config;
  servers = createMcpServers({ config: () => current, clock, log });
  const source = servers;
  const scope = context();
  return {
    source,
    change: (next: OpenClawConfig) => (current = next),
    names: async () => (await source.tools(scope)).map(({ name }) => name),
    async call(name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) {
      const tool = (await source.tools(scope)).find((found) => found.name === name);
      if (!tool) throw new Error(`no tool ${name}`);
      return tool.execute(args, context(signal));
    },
  };
}

describe('a server over stdio', () => {
  it('brings its tools and answers calls', async () => {
    const mcp = await open(STDIO);
    expect(mcp.source.status()).toEqual([{ name: 'test', state: 'idle' }]);
    expect(await mcp.names()).toContain('test__echo');
    expect((await mcp.call('test__echo', { text: 'hi' })).content).toEqual([{ type: 'text', text: 'you said hi' }]);
    expect((await mcp.call('test__draw')).content).toMatchObject([{ type: 'image', mimeType: 'image/png' }]);
    expect(await mcp.call('test__fail')).toMatchObject({ isError: true });
    expect(mcp.source.status()).toEqual([{ name: 'test', state: 'ready' }]);
  });

  it('gives the program a clean environment', async () => {
    process.env.OPENCLAW_GATEWAY_TOKEN_FOR_TEST = 'secret';
    const mcp = await open(STDIO);
    const { content } = await mcp.call('test__env');
    delete process.env.OPENCLAW_GATEWAY_TOKEN_FOR_TEST;
    expect(JSON.stringify(content)).toContain('PATH');
    expect(JSON.stringify(content)).not.toContain('OPENCLAW_GATEWAY_TOKEN_FOR_TEST');
  });

  it('ends a call that is stopped', async () => {
    const mcp = await open(STDIO);
    const stop = new AbortController();
    const hanging = mcp.call('test__hang', {}, stop.signal);
    await mcp.names();
    stop.abort(new Error('stopped'));
    await expect(hanging).rejects.toThrow('stopped');
  });

  it('fails the call of a server that ends, and connects anew after a while', async () => {
    const mcp = await open(STDIO);
    await expect(mcp.call('test__end')).rejects.toMatchObject({ code: 'mcp.call_failed' });
    await expect.poll(() => mcp.source.status(), { timeout: 5000 }).toEqual([{ name: 'test', state: 'idle' }]);
    expect(await mcp.names()).toEqual([]);
    now += 30_000;
    expect(await mcp.names()).toContain('test__echo');
  });

  it('leaves a server that does not start alone for a while', async () => {
    const mcp = await open({ mcp: { servers: { gone: { command: '/nowhere/at/all' } } } });
    expect(await mcp.names()).toEqual([]);
    expect(await mcp.names()).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(mcp.source.status()).toMatchObject([{ name: 'gone', state: 'failed' }]);
    now += 30_000;
    await mcp.names();
    expect(warnings).toHaveLength(2);
  });

  it('follows the config', async () => {
    const mcp = await open({});
    expect(await mcp.names()).toEqual([]);
    mcp.change(STDIO);
    expect(await mcp.names()).toContain('test__echo');
    mcp.change({ mcp: { servers: { broken: {} } } });
    expect(await mcp.names()).toEqual([]);
    await mcp.names();
    expect(warnings).toEqual(['The MCP server "broken" has neither a command nor an http(s) address.']);
  });
});

it('speaks to a server over HTTP with its headers', async () => {
  const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  const { CallToolRequestSchema, ListToolsRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const seen = new Set<string | undefined>();
  const server = new Server({ name: 'web', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'add', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, () => ({ content: [], structuredContent: { sum: 3 } }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  const http = createServer((request, response) => {
    seen.add(request.headers['x-key']?.toString());
    void transport.handleRequest(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  const mcp = await open({ mcp: { servers: { web: { url, headers: { 'x-key': 'k' } } } } });
  expect((await mcp.call('web__add')).content).toEqual([{ type: 'text', text: '{"sum":3}' }]);
  expect([...seen]).toEqual(['k']);
  await servers?.stop();
  http.closeAllConnections();
  http.close();
});

describe('names and answers', () => {
  it.each([
    ['notes', 'search', 'notes__search'],
    ['my notes', 'find it', expect.stringMatching(/^my_notes__find_it_[0-9a-f]{6}$/)],
    ['a'.repeat(60), 'tool', expect.stringMatching(/^a{57}_[0-9a-f]{6}$/)],
    ['', '***', expect.stringMatching(/^mcp__tool_[0-9a-f]{6}$/)],
  ])('%j and %j make %j', (server, tool, name) => expect(mcpToolName(server, tool)).toEqual(name));

  it('does not let two tools of a server share a name', () => {
    expect(mcpToolName('s', 'a b')).not.toBe(mcpToolName('s', 'a_b'));
  });

  it('does not let a tool of one server pass for one of another', () => {
    expect(mcpToolName('a', 'b__c')).not.toBe(mcpToolName('a__b', 'c'));
  });

  it.each([
    [{ data: 'aGk=', mimeType: 'image/svg+xml' }],
    [{ data: 'not base64 at all!', mimeType: 'image/png' }],
    [{ data: '', mimeType: 'image/png' }],
  ])('leaves out the picture %j, which would fail every later request', (picture) => {
    expect(readAnswer('s', 't', { content: [{ type: 'image', ...picture }] }).content).toMatchObject([
      { type: 'text', text: expect.stringContaining('left out') as string },
    ]);
  });

  it('takes parts of any kind without failing', () => {
    const parts = [null, 4, { type: 'audio' }, { type: 'resource', resource: { uri: 'x:y' } }, { type: 'text' }];
    const { content } = readAnswer('s', 't', { content: parts });
    expect(content.every((part) => part.type === 'text')).toBe(true);
    expect(readAnswer('s', 't', {}).content).toEqual([{ type: 'text', text: '(no output)' }]);
  });
});
