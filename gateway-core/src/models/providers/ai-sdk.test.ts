import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/index.js';
import type { AppError } from '../../shared/app-error.js';
import { ask, fakeConfig, listen, ofType, TEST_KEY, testModels } from '../test-models.js';
import type { ModelRequest } from '../types.js';
import type { AiSdkApi } from './ai-sdk-prompt.js';

interface Asked {
  url: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

const never = new AbortController().signal;
const TOOL = { name: 'read_file', description: 'Reads.', parameters: { type: 'object', properties: {} } };

let server: Server;
let asked: Asked[];
let answer: (response: ServerResponse) => void;
let url: string;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      asked.push({ url: path, headers, body: JSON.parse(text) as Record<string, unknown> });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function stream(api: AiSdkApi, request: ModelRequest, signal = never) {
  return testModels(fakeConfig(url, api)).stream(request, { signal });
}

function google(...chunks: unknown[]) {
  answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`);
    response.end();
  };
}

const candidate = (parts: unknown[], rest: Record<string, unknown> = {}) => ({
  candidates: [{ content: { role: 'model', parts }, ...rest }],
});

describe('Google', () => {
  it('streams text, reasoning and usage, and sends its key in its own header', async () => {
    google(candidate([{ text: 'Let me think.', thought: true }]), candidate([{ text: 'Grüße ' }]), {
      ...candidate([{ text: '世界' }], { finishReason: 'STOP' }),
      usageMetadata: {
        promptTokenCount: 1000,
        cachedContentTokenCount: 400,
        candidatesTokenCount: 50,
        totalTokenCount: 1050,
      },
    });
    const heard = await listen(stream('google-generative-ai', ask('hi', { system: 'Be brief.', thinking: 'low' })));
    expect(heard.error).toBeUndefined();
    expect(heard).toMatchObject({ text: 'Grüße 世界', thinking: 'Let me think.' });
    expect(ofType(heard, 'usage')[0]?.usage).toMatchObject({ input: 600, cacheRead: 400, output: 50 });
    expect(heard.events.at(-1)).toMatchObject({ type: 'stop', reason: 'stop' });
    expect(asked[0]?.url).toBe('/models/fake-1:streamGenerateContent?alt=sse');
    expect(asked[0]?.headers['x-goog-api-key']).toBe(TEST_KEY);
    expect(JSON.stringify(asked[0]?.body)).toContain('Be brief.');
    expect(asked[0]?.body).toMatchObject({ generationConfig: { thinkingConfig: { includeThoughts: true } } });
  });

  it('does not follow a redirect with its key', async () => {
    answer = (response) => void response.writeHead(307, { location: `${url}/elsewhere` }).end();
    const heard = await listen(stream('google-generative-ai', ask('hi')));
    expect(heard.error).toMatchObject({ code: 'model.bad_response' });
    expect(asked).toHaveLength(1);
  });

  it('yields a call with its signature, and sends both back with the result', async () => {
    google(
      candidate([{ functionCall: { name: 'read_file', args: { path: 'a' } }, thoughtSignature: 'SIG' }], {
        finishReason: 'STOP',
      }),
    );
    const heard = await listen(stream('google-generative-ai', ask('read', { tools: [TOOL] })));
    const [call] = ofType(heard, 'toolCall');
    expect(call).toMatchObject({ name: 'read_file', arguments: { path: 'a' }, signature: 'SIG' });
    expect(ofType(heard, 'stop')[0]?.reason).toBe('toolUse');
    const origin = { provider: 'fake', model: 'fake-1', api: 'google-generative-ai' };
    const messages: Message[] = [
      { role: 'user', content: 'read' },
      {
        role: 'assistant',
        content: [{ type: 'toolCall', id: 'c1', name: 'read_file', arguments: { path: 'a' }, thoughtSignature: 'SIG' }],
        ...origin,
      },
      { role: 'toolResult', toolCallId: 'c1', toolName: 'read_file', content: [{ type: 'text', text: 'hello' }] },
    ];
    google(candidate([{ text: 'It says hello.' }], { finishReason: 'STOP' }));
    expect((await listen(stream('google-generative-ai', ask('', { messages, tools: [TOOL] })))).text).toBe(
      'It says hello.',
    );
    const sent = JSON.stringify(asked[1]?.body);
    expect(sent).toContain('"thoughtSignature":"SIG"');
    expect(sent).toContain('functionResponse');
    expect(sent).toContain('hello');
  });

  it.each([
    [400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'bad field' } }, 'model.bad_request'],
    [403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'no' } }, 'model.auth'],
    [429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'slow down' } }, 'model.rate_limit'],
    [503, { error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' } }, 'model.overloaded'],
  ])('turns HTTP %i into %j → %s', async (status, body, code) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const heard = await listen(stream('google-generative-ai', ask('hi')));
    expect(heard.error).toMatchObject({ code, message: expect.stringContaining(body.error.message) });
    expect(String((heard.error as AppError).message)).not.toContain(TEST_KEY);
  });

  it('says that an answer without an ending was cut', async () => {
    google(candidate([{ text: 'half' }]));
    const heard = await listen(stream('google-generative-ai', ask('hi')));
    expect(heard.text).toBe('half');
    expect(heard.error).toMatchObject({ code: 'model.stream_cut' });
  });

  it('closes the socket when the run is stopped', async () => {
    const stop = new AbortController();
    const closed = new Promise<void>((resolve) => {
      answer = (response) => {
        response.on('close', resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(candidate([{ text: 'half' }]))}\n\n`);
      };
    });
    const texts: string[] = [];
    const reading = (async () => {
      for await (const event of stream('google-generative-ai', ask('hi'), stop.signal)) {
        if (event.type !== 'text') continue;
        texts.push(event.text);
        stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    await closed;
    expect(texts).toEqual(['half']);
  });

  it('says when nothing listens', async () => {
    const heard = await listen(
      testModels(fakeConfig('http://127.0.0.1:9', 'google-generative-ai')).stream(ask('hi'), { signal: never }),
    );
    expect(heard.error).toMatchObject({ code: 'model.unreachable' });
  });
});

/** One message of Amazon's binary event stream. */
function eventFrame(type: string, payload: unknown): Buffer {
  const header = (name: string, value: string): Buffer => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(Buffer.byteLength(value));
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), size, Buffer.from(value)]);
  };
  const headers = Buffer.concat([
    header(':message-type', 'event'),
    header(':event-type', type),
    header(':content-type', 'application/json'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const sum = (data: Buffer): Buffer => {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(crc32(data));
    return out;
  };
  const message = Buffer.concat([prelude, sum(prelude), headers, body]);
  return Buffer.concat([message, sum(message)]);
}

describe('Bedrock', () => {
  it('streams text, a call and usage, signed in with its key', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      response.write(eventFrame('messageStart', { role: 'assistant' }));
      response.write(eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Reading.' } }));
      response.write(eventFrame('contentBlockStop', { contentBlockIndex: 0 }));
      const toolUse = { toolUseId: 'c1', name: 'read_file' };
      response.write(eventFrame('contentBlockStart', { contentBlockIndex: 1, start: { toolUse } }));
      response.write(
        eventFrame('contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '{"path":' } } }),
      );
      response.write(eventFrame('contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '"a"}' } } }));
      response.write(eventFrame('contentBlockStop', { contentBlockIndex: 1 }));
      response.write(eventFrame('messageStop', { stopReason: 'tool_use' }));
      response.end(eventFrame('metadata', { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 } }));
    };
    const heard = await listen(stream('bedrock', ask('read', { tools: [TOOL] })));
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('Reading.');
    expect(ofType(heard, 'toolCall')).toMatchObject([{ id: 'c1', name: 'read_file', arguments: { path: 'a' } }]);
    expect(ofType(heard, 'usage')[0]?.usage).toMatchObject({ input: 10, output: 5 });
    expect(heard.events.at(-1)).toMatchObject({ type: 'stop', reason: 'toolUse' });
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${TEST_KEY}`);
    expect(asked[0]?.url).toBe('/model/fake-1/converse-stream');
  });

  it('sends sealed reasoning back as it came', async () => {
    const frames = (delta: unknown): void => {
      answer = (response) => {
        response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
        response.write(eventFrame('messageStart', { role: 'assistant' }));
        response.write(eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta }));
        response.write(eventFrame('contentBlockStop', { contentBlockIndex: 0 }));
        response.end(eventFrame('messageStop', { stopReason: 'end_turn' }));
      };
    };
    frames({ reasoningContent: { redactedContent: 'c2VhbGVk' } });
    const heard = await listen(stream('bedrock', ask('hi')));
    const thinkingSignature = ofType(heard, 'thinking').findLast(({ signature }) => signature)?.signature;
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '', thinkingSignature },
          { type: 'toolCall', id: 'c1', name: 'read_file', arguments: {} },
        ],
        ...{ provider: 'fake', model: 'fake-1', api: 'bedrock' },
      },
      { role: 'toolResult', toolCallId: 'c1', toolName: 'read_file', content: 'done' },
    ];
    frames({ text: 'Done.' });
    await listen(stream('bedrock', { ...ask(''), messages, tools: [TOOL] }));
    expect(JSON.stringify(asked.at(-1)?.body)).toContain('{"reasoningContent":{"redactedContent":"c2VhbGVk"}}');
  });
});
