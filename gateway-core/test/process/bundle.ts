// Builds programs from today's sources into a temp folder, for tests that end their processes with SIGKILL.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** As in vite.config.ts: native modules and what `ws` can do without. */
const EXTERNAL = ['electron', 'libsql', '@lydell/node-pty', 'playwright-core', 'bufferutil', 'utf-8-validate'];

export interface Bundle {
  /** The built program of an entry. */
  program(name: string): string;
  remove(): Promise<void>;
}

/** @param entries name of the program → its source, from the root of the repository */
export async function bundle(entries: Record<string, string>): Promise<Bundle> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claw-programs-'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const input = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(ROOT, file)]));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: true,
      target: 'node20.18',
      outDir: path.join(folder, 'bin'),
      minify: false,
      rolldownOptions: {
        input,
        external: [...EXTERNAL, /^node:/],
        output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' },
      },
    },
  });
  return {
    program: (name) => path.join(folder, 'bin', `${name}.mjs`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
