// Writes docs/protocol.md and docs/errors.md from the source; with --check it only says whether they are current.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { build } from 'vite';
import { errorsPage, protocolPage } from './docs-pages.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ENTRIES = {
  protocol: 'gateway-core/src/protocol/index.ts',
  errors: 'gateway-core/src/shared/error-register.ts',
};

/** Bundles the TypeScript sources into a temporary folder inside the project and loads them. */
async function loadSources() {
  const outDir = await mkdtemp(path.join(ROOT, 'node_modules', '.generate-docs-'));
  try {
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: true,
        outDir,
        emptyOutDir: true,
        rolldownOptions: { input: ENTRIES, output: { entryFileNames: '[name].mjs' } },
      },
    });
    const load = (name) => import(pathToFileURL(path.join(outDir, `${name}.mjs`)).href);
    return { protocol: await load('protocol'), errors: await load('errors') };
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

async function main() {
  const { protocol, errors } = await loadSources();
  const pages = { 'docs/protocol.md': protocolPage(protocol), 'docs/errors.md': errorsPage(errors.listErrors()) };
  const stale = [];
  for (const [file, page] of Object.entries(pages)) {
    const full = path.join(ROOT, file);
    const text = await prettier.format(page, { ...(await prettier.resolveConfig(full)), filepath: full });
    const current = existsSync(full) ? await readFile(full, 'utf8') : undefined;
    if (current === text) continue;
    stale.push(file);
    if (!process.argv.includes('--check')) await writeFile(full, text);
  }
  if (process.argv.includes('--check') && stale.length > 0) {
    console.log(`docs: ${stale.join(' and ')} no longer match the source. Run: npm run docs`);
    process.exitCode = 1;
  } else console.log(stale.length > 0 ? `docs: wrote ${stale.join(', ')}` : 'docs: generated pages are current');
}

await main();
