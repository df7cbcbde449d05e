// Bundles the worker that reads pages the way the build does, into a temporary folder.
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
  const outDir = await mkdtemp(path.join(tmpdir(), 'openclaw-worker-'));
  const input = { 'extract-worker': fileURLToPath(new URL('../extract-worker.ts', import.meta.url)) };
  await build({
    root: path.dirname(input['extract-worker']),
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      rolldownOptions: { input, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  });
  return {
    file: pathToFileURL(path.join(outDir, 'extract-worker.cjs')),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
