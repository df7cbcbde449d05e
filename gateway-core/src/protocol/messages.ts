// One message of a conversation: as stored in a transcript, sent in chat events and listed by chat.history.
import type { Static } from 'typebox';
import * as Type from 'typebox';

const text = Type.String();
const amount = Type.Number({ minimum: 0 });

export const TextPart = Type.Object({ type: Type.Literal('text'), text });
export type TextPart = Static<typeof TextPart>;

/** Base64 image data, as the reference stores it. */
export const ImagePart = Type.Object({ type: Type.Literal('image'), data: text, mimeType: text });
export type ImagePart = Static<typeof ImagePart>;

export const ThinkingPart = Type.Object({
  type: Type.Literal('thinking'),
  thinking: text,
  thinkingSignature: Type.Optional(text),
});
export type ThinkingPart = Static<typeof ThinkingPart>;

export const ToolCallPart = Type.Object({
  type: Type.Literal('toolCall'),
  id: text,
  name: text,
  arguments: Type.Record(text, Type.Unknown()),
  /** What some providers want back with the call. */
  thoughtSignature: Type.Optional(text),
});
export type ToolCallPart = Static<typeof ToolCallPart>;

export const MessagePart = Type.Union([TextPart, ImagePart, ThinkingPart, ToolCallPart]);
export type MessagePart = Static<typeof MessagePart>;

/** Tokens per call; `cost` in US dollars. */
export const Usage = Type.Object({
  input: amount,
  output: amount,
  cacheRead: amount,
  cacheWrite: amount,
  totalTokens: amount,
  cost: Type.Optional(
    Type.Object({
      input: Type.Optional(amount),
      output: Type.Optional(amount),
      cacheRead: Type.Optional(amount),
      cacheWrite: Type.Optional(amount),
      total: amount,
    }),
  ),
});
export type Usage = Static<typeof Usage>;

/** A passage that an answer rests on. `uri` is `docs:<page>#<heading>` or `workspace:<file>#L<line>`. */
export const Citation = Type.Object({ index: Type.Integer({ minimum: 1 }), title: text, uri: text, quote: text });
export type Citation = Static<typeof Citation>;

export const Message = Type.Object({
  role: Type.Union([
    Type.Literal('user'),
    Type.Literal('assistant'),
    Type.Literal('toolResult'),
    Type.Literal('system'),
  ]),
  content: Type.Union([text, Type.Array(MessagePart)]),
  timestamp: Type.Optional(Type.Number()),
  api: Type.Optional(text),
  provider: Type.Optional(text),
  model: Type.Optional(text),
  usage: Type.Optional(Usage),
  stopReason: Type.Optional(text),
  responseId: Type.Optional(text),
  errorMessage: Type.Optional(text),
  /** Our addition: register code of a failed turn (see docs/errors.md). */
  errorCode: Type.Optional(text),
  /** Our addition: sources of a quoted answer. */
  citations: Type.Optional(Type.Array(Citation)),
  idempotencyKey: Type.Optional(text),
  openclawAbort: Type.Optional(Type.Object({ aborted: Type.Literal(true), origin: text, runId: text })),
  toolCallId: Type.Optional(text),
  toolName: Type.Optional(text),
  isError: Type.Optional(Type.Boolean()),
  /** Of a tool result: for people and programs, never sent to a model. */
  details: Type.Optional(Type.Unknown()),
  /** `kind` is `compaction` for the divider where older messages were summarised. */
  __openclaw: Type.Optional(
    Type.Object({ id: Type.Optional(text), seq: Type.Integer({ minimum: 0 }), kind: Type.Optional(text) }),
  ),
});
export type Message = Static<typeof Message>;

/** The text of a message, parts joined, reasoning and calls left out. */
export function messageText(message: Pick<Message, 'content'>): string {
  if (typeof message.content === 'string') return message.content;
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
