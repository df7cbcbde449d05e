// Pure: a server's tool as ours, and its answer as ours. What a server says is data of a stranger.
import { createHash } from 'node:crypto';
import type { ImagePart, TextPart } from '../protocol/index.js';
import type { ToolResult } from '../tools/index.js';

/** A tool as a server lists it. */
export interface ListedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: Record<string, unknown>;
}

/** An answer as a server gives it. */
export interface ServerAnswer {
  content?: unknown;
  structuredContent?: unknown;
  isError?: unknown;
}

export const MCP_LIMITS = { name: 64, label: 80, description: 1000, schemaBytes: 16_000, tools: 128 } as const;

/** Pictures that providers take; another one in a conversation would fail every request after it. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const clean = (text: string): string => text.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');

/** `<server>__<tool>`, short enough for every provider; a name that had to change ends in a mark of the original. */
export function mcpToolName(server: string, tool: string): string {
  const plain = `${clean(server) || 'mcp'}__${clean(tool) || 'tool'}`;
  // Else the tool `b__c` of a server `a` could pass for the tool `c` of a server `a__b`.
  const isUnmistakable = !server.includes('__');
  const isExact = isUnmistakable && plain === `${server}__${tool}` && plain.length <= MCP_LIMITS.name;
  if (isExact) return plain;
  const mark = createHash('sha256').update(`${server}\0${tool}`).digest('hex').slice(0, 6);
  return `${plain.slice(0, MCP_LIMITS.name - mark.length - 1)}_${mark}`;
}

/** What people read on the card of a call. */
export function mcpLabel({ name, title }: ListedTool): string {
  const said = (title ?? name).replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return said.length > MCP_LIMITS.label ? `${said.slice(0, MCP_LIMITS.label - 1)}…` : said;
}

/** The description for the model, in a bounded form that says where it comes from. */
export function mcpDescription(server: string, { description, title }: ListedTool): string {
  const said = (description ?? title ?? '').trim();
  const text = said.length > MCP_LIMITS.description ? `${said.slice(0, MCP_LIMITS.description)}…` : said;
  return `[MCP server ${server}] ${text}`.trim();
}

/** True when providers take the schema: an object schema of a bearable size. */
export function isUsableSchema(schema: unknown): schema is Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
  return (
    (schema as { type?: unknown }).type === 'object' &&
    Buffer.byteLength(JSON.stringify(schema)) <= MCP_LIMITS.schemaBytes
  );
}

function readPicture(data: string, mimeType: string): TextPart | ImagePart {
  const type = mimeType.trim().toLowerCase();
  const bytes = data.replace(/\s+/g, '');
  if (PICTURES.has(type) && BASE64.test(bytes)) return { type: 'image', data: bytes, mimeType: type };
  return { type: 'text', text: '[a picture was left out: it is not a PNG, JPEG, GIF or WebP in base64]' };
}

function readPart(part: unknown): TextPart | ImagePart | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const { type, text, data, mimeType, resource, uri } = part as Record<string, unknown>;
  if (type === 'text' && typeof text === 'string') return { type: 'text', text };
  if (type === 'image' && typeof data === 'string' && typeof mimeType === 'string') {
    return readPicture(data, mimeType);
  }
  if (type === 'resource' && typeof resource === 'object' && resource !== null) {
    const inner = resource as { text?: unknown; uri?: unknown };
    return typeof inner.text === 'string'
      ? { type: 'text', text: inner.text }
      : { type: 'text', text: `[resource ${String(inner.uri)} is not text and was left out]` };
  }
  if (type === 'resource_link') return { type: 'text', text: `[resource ${String(uri)}]` };
  return { type: 'text', text: `[a part of the kind ${String(type)} was left out]` };
}

/** The answer of a server as the result of a call. */
export function readAnswer(server: string, tool: string, answer: ServerAnswer): ToolResult {
  const parts = Array.isArray(answer.content) ? answer.content.flatMap((part) => readPart(part) ?? []) : [];
  const structured = answer.structuredContent;
  if (parts.length === 0) {
    parts.push({ type: 'text', text: structured === undefined ? '(no output)' : JSON.stringify(structured) });
  }
  return {
    content: parts,
    details: { server, tool, ...(structured !== undefined && { structuredContent: structured }) },
    ...(answer.isError === true && { isError: true }),
  };
}
