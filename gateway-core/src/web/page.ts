// An answer from the web as text or a picture.
import { contentType, type ContentType, decodeText } from './content-type.js';
import type { ExtractedPage } from './extract-page.js';
import type { Extractor } from './extractor.js';
import type { GuardedResponse } from './guarded-fetch.js';

export interface TextPage {
  kind: 'text';
  url: string;
  status: number;
  mimeType: string;
  title: string;
  text: string;
  /** True when the answer was longer than what was read. */
  isCut: boolean;
  /** How the text was made. */
  via: ExtractedPage['via'] | 'raw';
}

export interface ImagePage {
  kind: 'image';
  url: string;
  mimeType: string;
  data: Buffer;
  isCut: boolean;
}

export interface RefusedPage {
  kind: 'refused';
  reason: string;
}

export type Page = TextPage | ImagePage | RefusedPage;

export interface PageOptions {
  mode: 'markdown' | 'text';
  readability: boolean;
  extractor: Extractor;
  signal: AbortSignal;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    // Cut or broken JSON is shown as it came.
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function refusal({ kind, mimeType }: ContentType, bytes: number): RefusedPage {
  const what = kind === 'pdf' ? 'a PDF document' : `not text (${mimeType || 'of unknown type'}, ${bytes} bytes)`;
  const hint = 'Download it with a command and read it with a program for this format.';
  return { kind: 'refused', reason: `The address leads to ${what}. ${hint}` };
}

/** Reads an answer. Rejects with the signal's reason only. */
export async function pageOf(response: GuardedResponse, options: PageOptions): Promise<Page> {
  const { url, status, body, isCut } = response;
  const type = contentType(response.headers['content-type'], body);
  if (type.kind === 'image') return { kind: 'image', url, mimeType: type.mimeType, data: body, isCut };
  if (type.kind === 'pdf' || type.kind === 'other') return refusal(type, body.length);
  const text = decodeText(body, type);
  const known = { kind: 'text', url, status, mimeType: type.mimeType, isCut } as const;
  if (type.kind === 'html') {
    const { mode, readability, extractor, signal } = options;
    const page = await extractor.extract({ html: text, url, mode, readability }, signal);
    return page ? { ...known, ...page } : { kind: 'refused', reason: 'The page is made so that it cannot be read.' };
  }
  return { ...known, title: '', text: type.kind === 'json' ? prettyJson(text) : text, via: 'raw' };
}
