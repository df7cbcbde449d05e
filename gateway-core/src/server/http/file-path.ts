// Pure: turns the path of a URL into the path of a file, or refuses.
import path from 'node:path';

/**
 * Relative file path for `urlPath` (percent-encoded, starting with a slash), or undefined when it points outside,
 * hides something, or is not readable as UTF-8. '' means the folder itself.
 */
export function toFilePath(urlPath: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
  if (/[\0\\]/.test(decoded)) return undefined;
  const segments = decoded.split('/').filter((segment) => segment !== '');
  // Dot segments lead out; dot files are nobody's business.
  if (segments.some((segment) => segment.startsWith('.'))) return undefined;
  return segments.join(path.sep);
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

export function contentType(file: string): string {
  return TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
}

/** A path that asks for a file, not for a page of the window. */
export function looksLikeFile(file: string): boolean {
  return path.extname(file).toLowerCase() in TYPES;
}

/** Built files carry a hash of their content in their name and never change. */
export function isHashed(file: string): boolean {
  return /(^|[\\/])assets[\\/].*-[\w-]{8,}\.\w+$/.test(file);
}
