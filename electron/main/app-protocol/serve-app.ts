// Serves the built window at app://hq/.
import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import type { DesktopLog } from '../desktop-log.js';
import { APP_SCHEME } from '../window/own-page.js';
import { contentTypeOf, decideAsset } from './asset-path.js';
import { securityHeaders } from './content-policy.js';

/** Call once, before the app is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Call once the app is ready. */
export function serveApp(rendererDir: string, log: DesktopLog): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const decision = decideAsset(rendererDir, request.method, request.url);
    if (decision.kind === 'refuse') {
      log.warn('an address of the window was refused', { status: decision.status });
      return new Response(null, { status: decision.status });
    }
    return answerWithFile(decision.file, log);
  });
}

async function answerWithFile(file: string, log: DesktopLog): Promise<Response> {
  try {
    // The whole file at once: fs reads archives and folders alike, and no file of the window is large.
    const body = await readFile(file);
    return new Response(new Uint8Array(body), { headers: securityHeaders(contentTypeOf(file)) });
  } catch (error) {
    log.warn('a file of the window is missing', { file, err: error });
    return new Response(null, { status: 404 });
  }
}
