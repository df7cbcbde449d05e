// A listener on this computer that waits for one visit: the browser coming back from the vendor with a code.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the browser brings. */
export type CallbackVisit = { code: string } | { refusal: string };

export interface CallbackListener {
  /** Where the vendor must send the browser. */
  url: string;
  close(): void;
}

const HOST = '127.0.0.1';
const MAX_CODE = 2048;
const PREFIX = '/sign-in/';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Digests have one length, so the comparison takes one time. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function readVisit(params: URLSearchParams): CallbackVisit {
  const code = params.get('code') ?? '';
  if (code !== '' && code.length <= MAX_CODE) return { code };
  return { refusal: params.has('error') ? 'It was not allowed there.' : 'No code came back.' };
}

function page(sentence: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>OpenClaw HQ</title><p>${sentence}</p></html>\n`;
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(page(sentence));
}

/**
 * Listens on a free port of this computer, under a path that nobody can guess. `onVisit` is called once, for the first
 * visit of that path; its answer is the sentence that the browser shows. Throws what listening throws.
 */
export async function openCallbackListener(
  onVisit: (visit: CallbackVisit) => Promise<string>,
): Promise<CallbackListener> {
  const state = randomBytes(32).toString('base64url');
  let isVisited = false;
  const visit = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${HOST}`);
    const isOurs = url.pathname.startsWith(PREFIX) && isSame(url.pathname.slice(PREFIX.length), state);
    if (request.method !== 'GET' || !isOurs || isVisited) {
      answer(response, 404, 'There is nothing here.');
      return;
    }
    isVisited = true;
    answer(response, 200, await onVisit(readVisit(url.searchParams)));
  };
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8192 }, (request, response) => {
    visit(request, response).catch(() => answer(response, 400, 'That did not work. Go back to OpenClaw HQ.'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    // The vendor takes callbacks on every port of this name.
    url: `http://localhost:${port}${PREFIX}${state}`,
    close() {
      // The page that is being sent still arrives.
      server.close();
      server.closeIdleConnections();
    },
  };
}
