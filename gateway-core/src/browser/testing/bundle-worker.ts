// Bundles the thread that drives browsers the way the build does, into a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

export interface BundledWorker {
  file: URL;
  remove(): Promise<void>;
}

export async function bundleWorker(): Promise<BundledWorker> {
  const outDir = await mkdtemp(path.join(tmpdir(), 'openclaw-browser-thread-'));
  const input = { 'browser-worker': fileURLToPath(new URL('../worker/browser-worker.ts', import.meta.url)) };
  await build({
    root: path.dirname(input['browser-worker']),
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['playwright-core'] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      rolldownOptions: {
        input,
        external: ['playwright-core', /^node:/],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  });
  return {
    file: pathToFileURL(path.join(outDir, 'browser-worker.cjs')),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
