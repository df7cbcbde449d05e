// Pure: what a client attached → image parts for the model, or a clear refusal.
import type { Attachment, ImagePart } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';

export const MAX_ATTACHMENT_BYTES = 5_000_000;
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const DATA_URL = /^data:([^;,]+);base64,/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function refuse(name: string, reason: string): never {
  throw new AppError('request.invalid', { message: `attachment ${name}: ${reason}` });
}

function typeFromName(fileName: string | undefined): string | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(fileName ?? '')?.[1]?.toLowerCase();
  return ending === undefined ? undefined : `image/${ending === 'jpg' ? 'jpeg' : ending}`;
}

function decodedBytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}

function toImage(attachment: Attachment, position: number): ImagePart {
  const name = attachment.fileName ?? `${position + 1}`;
  if (typeof attachment.content !== 'string') refuse(name, 'content must be base64 text');
  const dataUrl = DATA_URL.exec(attachment.content.slice(0, 256));
  const mimeType = (attachment.mimeType ?? dataUrl?.[1] ?? typeFromName(attachment.fileName) ?? '').toLowerCase();
  if (!IMAGE_TYPES.has(mimeType)) {
    refuse(
      name,
      `only PNG, JPEG, GIF and WebP images can be sent to a model; this is ${mimeType || 'of an unknown type'}`,
    );
  }
  const data = attachment.content.slice(dataUrl?.[0].length ?? 0).replace(/\s+/g, '');
  if (data === '' || data.length % 4 !== 0 || !BASE64.test(data)) refuse(name, 'content is not valid base64');
  const bytes = decodedBytes(data);
  if (bytes > MAX_ATTACHMENT_BYTES) {
    refuse(name, `${bytes} bytes are more than the ${MAX_ATTACHMENT_BYTES} that one attachment may have`);
  }
  return { type: 'image', data, mimeType };
}

/** Images in the order they were attached. Throws AppError request.invalid. */
export function readAttachments(attachments: readonly Attachment[] | undefined): ImagePart[] {
  return (attachments ?? []).map(toImage);
}
