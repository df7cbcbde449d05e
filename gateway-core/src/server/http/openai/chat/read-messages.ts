// Pure: the `messages` of a chat completion → what was said, and the images of the last user message.
import { invalidRequest } from '../api-error.js';
import { type SpokenCall, type SpokenTurn, toldInWords } from '../conversation.js';
import { MediaFault, type MediaSource } from '../media/media-types.js';
import { sourceOfUrl } from '../media/read-media.js';
import { asObject, type JsonObject, objectsOf } from '../read-body.js';

export const INVALID_IMAGE = 'Invalid image_url content in `messages`.';

const ROLES: Readonly<Record<string, SpokenTurn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};
const TEXT_PARTS = new Set(['text', 'input_text']);

function partsOf(message: JsonObject): JsonObject[] {
  return objectsOf(message.content);
}

function textOf(message: JsonObject): string {
  if (typeof message.content === 'string') return message.content;
  const texts = partsOf(message).filter(({ type, text }) => TEXT_PARTS.has(String(type)) && typeof text === 'string');
  return texts.map(({ text }) => text as string).join('\n');
}

function imageParts(message: JsonObject): JsonObject[] {
  return partsOf(message).filter(({ type }) => type === 'image_url');
}

function callsOf(message: JsonObject): SpokenCall[] {
  return objectsOf(message.tool_calls).flatMap((call) => {
    const fn = asObject(call.function);
    if (!fn) return [];
    return [{ id: String(call.id ?? ''), name: String(fn.name), arguments: String(fn.arguments ?? '{}') }];
  });
}

function toTurn(message: JsonObject): SpokenTurn[] {
  const role = ROLES[String(message.role)];
  if (!role) return [];
  const said = textOf(message);
  const calls = role === 'assistant' ? callsOf(message) : [];
  const text = [said, ...calls.map(toldInWords)].filter(Boolean).join('\n');
  const callId = typeof message.tool_call_id === 'string' ? message.tool_call_id : undefined;
  const more = { ...(calls.length > 0 && { calls, said }), ...(callId !== undefined && { callId }) };
  const name = typeof message.name === 'string' ? message.name : undefined;
  const hasImages = role === 'user' && imageParts(message).length > 0;
  return [{ role, text, ...(name && { name }), hasImages, ...more }];
}

function imageSource(part: JsonObject): MediaSource {
  const url = typeof part.image_url === 'string' ? part.image_url : asObject(part.image_url)?.url;
  if (typeof url !== 'string' || url.trim() === '') throw invalidRequest(INVALID_IMAGE);
  try {
    return sourceOfUrl(url);
  } catch (error) {
    if (error instanceof MediaFault) throw invalidRequest(INVALID_IMAGE, error.message);
    throw error;
  }
}

export interface ReadMessages {
  turns: SpokenTurn[];
  images: MediaSource[];
}

/** Throws ApiError 400 for an image that cannot be one. */
export function readMessages(messages: unknown): ReadMessages {
  const list = objectsOf(messages);
  const lastUser = list.findLast(({ role }) => role === 'user');
  return { turns: list.flatMap(toTurn), images: lastUser ? imageParts(lastUser).map(imageSource) : [] };
}
