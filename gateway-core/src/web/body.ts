// The body of an answer: unpacked, and never more of it than was asked for.
import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { AppError, errorMessage } from '../shared/app-error.js';

export interface Body {
  data: Buffer;
  /** True when there was more. */
  isCut: boolean;
}

// An answer that was cut is not an error: what has arrived is unpacked.
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** The bytes as they come over the wire, up to a limit. */
async function* wireChunks(response: IncomingMessage, maxBytes: number, cut: () => void): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    total += chunk.length;
    yield chunk;
    if (total > maxBytes) {
      cut();
      return;
    }
  }
}

async function* chain(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** `deflate` means zlib by the book, and raw deflate in the wild. */
function inflater(first: Buffer): Transform {
  return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB);
}

function unpacker(encoding: string, first: Buffer): Transform | undefined {
  if (encoding === '' || encoding === 'identity') return undefined;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip(ZLIB);
  if (encoding === 'br') return createBrotliDecompress(BROTLI);
  if (encoding === 'deflate') return inflater(first);
  throw new AppError('web.bad_response', { message: 'The answer is packed in a way that is not supported.' });
}

async function collect(chunks: AsyncIterable<Buffer>, maxBytes: number): Promise<Body> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    parts.push(chunk.subarray(0, maxBytes - total));
    total += chunk.length;
    if (total > maxBytes) break;
  }
  return { data: Buffer.concat(parts), isCut: total > maxBytes };
}

async function unpack(source: AsyncGenerator<Buffer>, through: Transform, maxBytes: number): Promise<Body> {
  const packed = Readable.from(source, { objectMode: false });
  packed.on('error', (error) => through.destroy(error));
  packed.pipe(through);
  try {
    return await collect(through as AsyncIterable<Buffer>, maxBytes);
  } finally {
    packed.destroy();
    through.destroy();
  }
}

/** True for the errors of node:zlib about what it was fed. */
function isUnpackingError(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return code.startsWith('Z_') || code.startsWith('ERR_BROTLI') || code.startsWith('ERR__ERROR');
}

/**
 * Reads at most `maxBytes`, before and after unpacking, and ends the connection after them. Throws AppError
 * web.bad_response when it cannot be unpacked; errors of the connection as they are.
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Body> {
  let isCut = false;
  const wire = wireChunks(response, maxBytes, () => (isCut = true));
  try {
    const first = await wire.next();
    if (first.done) return { data: Buffer.alloc(0), isCut: false };
    const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
    const through = unpacker(encoding, first.value);
    const chunks = chain(first.value, wire);
    const body = await (through ? unpack(chunks, through, maxBytes) : collect(chunks, maxBytes));
    return { ...body, isCut: body.isCut || isCut };
  } catch (error) {
    if (!isUnpackingError(error)) throw error;
    const message = `The answer could not be unpacked (${errorMessage(error)}).`;
    throw new AppError('web.bad_response', { message, cause: error });
  } finally {
    response.destroy();
  }
}
