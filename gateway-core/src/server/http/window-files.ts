// Serves the built window at `/` and `/openclaw/` (spec/gateway-http.md §10; architecture §7).
import { createReadStream, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../shared/logger.js';
import { contentType, isHashed, looksLikeFile, toFilePath } from './file-path.js';
import { sendBody } from './respond.js';
import type { HttpExchange, HttpRoute } from './route.js';

export interface WindowFilesOptions {
  /** Folder with index.html; absent or empty: a page says how to build it. */
  rendererDir: string | undefined;
  /** Path prefix of the config without a trailing slash; '' is the top. */
  basePath: string;
  log: Logger;
}

const WINDOW_PATH = '/openclaw';
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>OpenClaw HQ</title></head>
<body><h1>The window is not built yet</h1>
<p>The gateway is running, but the folder with the window is missing.</p>
<p>Run <code>npm run build</code> in the project folder, then reload this page.</p></body></html>
`;

/** `host` is the Host header; anything odd in it is left out of the policy. */
export function contentSecurityPolicy(host: string | undefined): string {
  const own = host !== undefined && /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${own}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

interface FoundFile {
  file: string;
  stats: Stats;
}

async function statFile(file: string): Promise<Stats | undefined> {
  try {
    const stats = await stat(file);
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'].includes(code)) return undefined;
    throw error;
  }
}

/** The file, unless a link leads out of the folder. */
async function findInside(root: string, relative: string): Promise<FoundFile | undefined> {
  const asked = path.join(root, relative);
  const stats = await statFile(asked);
  if (!stats) return undefined;
  const [realRoot, file] = await Promise.all([realpath(root), realpath(asked)]);
  return file.startsWith(realRoot + path.sep) ? { file, stats } : undefined;
}

function entityTag({ size, mtimeMs }: Stats): string {
  return `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
}

function isKnownToClient(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === tag || known.trim() === '*');
}

function setPageHeaders({ response, request }: HttpExchange): void {
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(request.headers.host));
}

async function sendFile(exchange: HttpExchange, { file, stats }: FoundFile, relative: string): Promise<void> {
  const { request, response } = exchange;
  const tag = entityTag(stats);
  setPageHeaders(exchange);
  response.setHeader('Cache-Control', isHashed(relative) ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('ETag', tag);
  if (isKnownToClient(request.headers['if-none-match'], tag)) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': contentType(file), 'Content-Length': stats.size });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file, { end: Math.max(0, stats.size - 1) }), response);
}

/** Which file a path means. Pages of the window live below a prefix and all get index.html. */
function candidates(relative: string, isBelowPrefix: boolean): string[] {
  if (relative === '') return ['index.html'];
  return isBelowPrefix && !looksLikeFile(relative) ? [relative, 'index.html'] : [relative];
}

async function serve(exchange: HttpExchange, options: WindowFilesOptions, rest: string): Promise<void | false> {
  const { rendererDir } = options;
  const isBelowPrefix = rest !== exchange.pathname;
  const relative = toFilePath(rest);
  if (relative === undefined) return false;
  const tried = candidates(relative, isBelowPrefix);
  for (const candidate of rendererDir === undefined ? [] : tried) {
    const found = await findInside(rendererDir ?? '', candidate);
    if (found) return await sendFile(exchange, found, candidate);
  }
  if (!tried.includes('index.html')) return false;
  setPageHeaders(exchange);
  exchange.response.setHeader('Cache-Control', 'no-store');
  sendBody(exchange.response, 503, 'text/html', NOT_BUILT);
  return undefined;
}

function redirect({ request, response, pathname }: HttpExchange): void {
  const query = request.url?.slice(pathname.length) ?? '';
  response.writeHead(302, { Location: `${pathname}/${query}`, 'Content-Length': 0 }).end();
}

/** The route behind all others: claims GET and HEAD below the prefixes, and files at the top. */
export function createWindowFiles(options: WindowFilesOptions): HttpRoute {
  const prefixes = [...new Set([WINDOW_PATH, options.basePath])].filter((prefix) => prefix !== '');
  const isAtTop = options.basePath === '';
  return {
    path: () => true,
    async handle(exchange) {
      const { request, pathname } = exchange;
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      if (prefixes.includes(pathname)) return redirect(exchange);
      const prefix = prefixes.find((candidate) => pathname.startsWith(`${candidate}/`));
      if (prefix !== undefined) return await serve(exchange, options, pathname.slice(prefix.length));
      return isAtTop ? await serve(exchange, options, pathname) : false;
    },
  };
}
