// Pure: the `input` of a response request → what was said, and what came with it.
import { type SpokenTurn, toldInWords } from '../conversation.js';
import { MediaFault, type MediaSource } from '../media/media-types.js';
import { sourceOfUrl } from '../media/read-media.js';
import type { JsonObject } from '../read-body.js';
import { fault, list, object, oneOf, onlyKeys, optionalText, text } from './field-checks.js';

export interface ReadInput {
  turns: SpokenTurn[];
  images: MediaSource[];
  files: MediaSource[];
}

type Part = { text: string } | { image: MediaSource } | { file: MediaSource };

const role = oneOf(['system', 'developer', 'user', 'assistant']);

function urlSource(url: string, path: string): MediaSource {
  try {
    return sourceOfUrl(url);
  } catch (error) {
    if (error instanceof MediaFault) throw fault(path, `Invalid input: ${error.message}`);
    throw error;
  }
}

function nestedSource(value: unknown, path: string): MediaSource {
  const source = object(value, path);
  if (oneOf(['url', 'base64'])(source.type, `${path}.type`) === 'url') {
    onlyKeys(source, ['type', 'url'], path);
    return urlSource(text(source.url, `${path}.url`), `${path}.url`);
  }
  onlyKeys(source, ['type', 'media_type', 'data', 'filename'], path);
  const filename = optionalText(source.filename, `${path}.filename`);
  return { type: text(source.media_type, `${path}.media_type`), base64: text(source.data, `${path}.data`), filename };
}

/** Both shapes: the gateway's `source`, and the flat fields of OpenAI's SDKs. */
function imagePart(part: JsonObject, path: string): MediaSource {
  onlyKeys(part, ['type', 'source', 'image_url', 'detail'], path);
  if (part.source !== undefined || part.image_url === undefined) return nestedSource(part.source, `${path}.source`);
  return urlSource(text(part.image_url, `${path}.image_url`), `${path}.image_url`);
}

function filePart(part: JsonObject, path: string): MediaSource {
  onlyKeys(part, ['type', 'source', 'file_data', 'file_url', 'filename'], path);
  if (part.file_url !== undefined) return urlSource(text(part.file_url, `${path}.file_url`), `${path}.file_url`);
  if (part.source !== undefined || part.file_data === undefined) return nestedSource(part.source, `${path}.source`);
  const filename = optionalText(part.filename, `${path}.filename`);
  const data = text(part.file_data, `${path}.file_data`);
  const source = data.startsWith('data:') ? urlSource(data, `${path}.file_data`) : { type: undefined, base64: data };
  return 'base64' in source ? { ...source, filename } : source;
}

const PART_TYPES = ['input_text', 'output_text', 'input_image', 'input_file'] as const;

function readPart(value: unknown, path: string): Part {
  const part = object(value, path);
  const type = oneOf(PART_TYPES)(part.type, `${path}.type`);
  if (type === 'input_image') return { image: imagePart(part, path) };
  if (type === 'input_file') return { file: filePart(part, path) };
  // Answers sent back as they came carry these two.
  onlyKeys(part, ['type', 'text', 'annotations', 'logprobs'], path);
  return { text: text(part.text, `${path}.text`) };
}

function readMessage(item: JsonObject, path: string, read: ReadInput): void {
  onlyKeys(item, ['type', 'role', 'content', 'id', 'status'], path);
  const named = role(item.role, `${path}.role`);
  const content = item.content;
  const parts: Part[] =
    typeof content === 'string'
      ? [{ text: content }]
      : list(content, `${path}.content`).map((part, index) => readPart(part, `${path}.content.${index}`));
  const images = parts.flatMap((part) => ('image' in part ? [part.image] : []));
  read.images.push(...images);
  read.files.push(...parts.flatMap((part) => ('file' in part ? [part.file] : [])));
  const said = parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
  read.turns.push({ role: named === 'developer' ? 'system' : named, text: said, hasImages: images.length > 0 });
}

function readCall(item: JsonObject, path: string, read: ReadInput): void {
  onlyKeys(item, ['type', 'id', 'call_id', 'name', 'arguments', 'status'], path);
  const name = text(item.name, `${path}.name`);
  const args = text(item.arguments, `${path}.arguments`);
  const id = optionalText(item.call_id, `${path}.call_id`) ?? optionalText(item.id, `${path}.id`) ?? '';
  const call = { id, name, arguments: args };
  read.turns.push({ role: 'assistant', text: toldInWords(call), said: '', calls: [call] });
}

function readOutput(item: JsonObject, path: string, read: ReadInput): void {
  onlyKeys(item, ['type', 'id', 'call_id', 'output', 'status'], path);
  const name = text(item.call_id, `${path}.call_id`);
  read.turns.push({ role: 'tool', name, callId: name, text: text(item.output, `${path}.output`) });
}

const ITEM_TYPES = ['message', 'function_call', 'function_call_output', 'reasoning', 'item_reference'] as const;

function readItem(value: unknown, path: string, read: ReadInput): void {
  const item = object(value, path);
  // A message may leave its type out, as the SDKs do.
  const type = item.type === undefined ? 'message' : oneOf(ITEM_TYPES)(item.type, `${path}.type`);
  if (type === 'message') readMessage(item, path, read);
  else if (type === 'function_call') readCall(item, path, read);
  else if (type === 'function_call_output') readOutput(item, path, read);
}

/** Throws ApiError 400 with the path of the first fault. */
export function readInput(input: unknown): ReadInput {
  const read: ReadInput = { turns: [], images: [], files: [] };
  if (typeof input === 'string') read.turns.push({ role: 'user', text: input });
  else if (Array.isArray(input)) input.forEach((item, index) => readItem(item, `input.${index}`, read));
  else throw fault('input', 'Invalid input');
  return read;
}
