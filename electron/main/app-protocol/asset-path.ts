// Pure: which file of the built window an app:// address means, if any.
import path from 'node:path';
import { isOwnPage } from '../window/own-page.js';

export type AssetDecision = { kind: 'file'; file: string } | { kind: 'refuse'; status: 400 | 403 | 404 | 405 };

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** The content type of `file` by its ending. */
export function contentTypeOf(file: string): string {
  return CONTENT_TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
}

function decodePath(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Never leads outside `root`. Addresses without a file ending are pages of the window: index.html. */
export function decideAsset(root: string, method: string, url: string): AssetDecision {
  if (!isOwnPage(url)) return { kind: 'refuse', status: 403 };
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refuse', status: 405 };
  const decoded = decodePath(new URL(url).pathname);
  if (decoded === undefined || decoded.includes('\0') || decoded.includes('\\')) return { kind: 'refuse', status: 400 };
  const file = path.resolve(root, `.${path.posix.normalize(`/${decoded}`)}`);
  const inside = path.relative(root, file);
  if (decoded.split('/').includes('..') || inside.startsWith('..') || path.isAbsolute(inside)) {
    return { kind: 'refuse', status: 403 };
  }
  return { kind: 'file', file: path.extname(file) === '' ? path.join(root, 'index.html') : file };
}
