// The small app that a bare Electron distribution needs to understand `electron [options] <app folder>`.

const MAIN = `
import { app } from 'electron';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

function readArguments(args) {
  const preload = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--version' || arg === '-v') return { version: true, preload };
    if (arg === '-r' || arg === '--require') preload.push(args[(index += 1)]);
    else if (arg.startsWith('--require=')) preload.push(arg.slice('--require='.length));
    else if (!arg.startsWith('-')) return { folder: arg, preload };
  }
  return { preload };
}

function readPackage(root) {
  try {
    return require(path.join(root, 'package.json'));
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const { version, folder, preload } = readArguments(process.argv.slice(1));
if (version) {
  console.log('v' + process.versions.electron);
  process.exit(0);
}
if (!folder) {
  console.error('Usage: electron [options] <app folder>');
  process.exit(1);
}
const root = path.resolve(folder);
const manifest = readPackage(root);
Object.defineProperty(process, 'defaultApp', { enumerable: true, value: true });
app.setAppPath(manifest ? root : path.dirname(root));
if (manifest) {
  app.name = manifest.productName || manifest.name || app.name;
  if (manifest.version) app.setVersion(manifest.version);
}
app.setPath('userData', path.join(app.getPath('appData'), app.name));
if (preload.length > 0) Module._preloadModules(preload);
const entry = require.resolve(manifest ? path.join(root, manifest.main || 'index.js') : root);
// Awaited here, so that Electron is not ready before the app had its chance to prepare.
try {
  await import(pathToFileURL(entry).href);
} catch (error) {
  console.error(error);
  process.exit(1);
}
`;

/** File name → text of the default app. */
export const DEFAULT_APP_FILES = {
  'package.json': JSON.stringify({ name: 'electron', type: 'module', main: 'main.js' }),
  'main.js': MAIN,
};

/** Packs a flat set of text files as an asar archive (two size-prefixed pickles, then the bytes). */
export function packAsar(files) {
  const header = { files: {} };
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const size = Buffer.byteLength(text);
    header.files[name] = { size, offset: String(offset) };
    offset += size;
  }
  const json = Buffer.from(JSON.stringify(header));
  const paddedLength = Math.ceil(json.length / 4) * 4;
  const head = Buffer.alloc(16 + paddedLength);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(8 + paddedLength, 4);
  head.writeUInt32LE(4 + paddedLength, 8);
  head.writeUInt32LE(json.length, 12);
  json.copy(head, 16);
  return Buffer.concat([head, ...Object.values(files).map((text) => Buffer.from(text))]);
}
