// The scripts that build and package the desktop side.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuildStale, projectRoot } from './build.mjs';
import { DEFAULT_APP_FILES, packAsar } from './electron-default-app.mjs';
import { packIcns, packIco } from './icon-containers.mjs';

describe('isBuildStale', () => {
  const OUTPUTS = [
    'cli/openclaw.js',
    'electron/main.js',
    'electron/gateway.js',
    'electron/preload.cjs',
    'renderer/index.html',
  ];
  let root: string;

  const put = (file: string, timeSeconds: number): void => {
    const full = path.join(root, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, '');
    utimesSync(full, timeSeconds, timeSeconds);
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'hq-build-'));
    put('electron/main/index.ts', 1_000);
    for (const file of OUTPUTS) put(`dist/${file}`, 2_000);
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is false when every output is newer than every source', () => {
    expect(isBuildStale(root)).toBe(false);
  });

  it('is true when a source deep in a folder is newer', () => {
    put('gateway-core/src/runs/deep/x.ts', 3_000);
    expect(isBuildStale(root)).toBe(true);
  });

  it('does not care about tests', () => {
    put('electron/main/index.test.ts', 3_000);
    expect(isBuildStale(root)).toBe(false);
  });

  it('is true when an output is missing', () => {
    rmSync(path.join(root, 'dist/electron/preload.cjs'));
    expect(isBuildStale(root)).toBe(true);
  });
});

describe('icon containers', () => {
  const images = [16, 32, 256].map((size) => ({ size, png: Buffer.from(`png of ${size}`) }));

  it('point to each image of an ico by offset and length', () => {
    const ico = packIco(images);
    expect(ico.readUInt16LE(4)).toBe(3);
    images.forEach(({ size, png }, index) => {
      const at = 6 + 16 * index;
      expect(ico.readUInt8(at)).toBe(size % 256);
      const offset = ico.readUInt32LE(at + 12);
      expect(ico.subarray(offset, offset + ico.readUInt32LE(at + 8)).equals(png)).toBe(true);
    });
  });

  it('carry their own length in an icns', () => {
    const icns = packIcns(images);
    expect(icns.subarray(0, 4).toString()).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
  });

  it('of the product hold what was drawn', () => {
    const icons = path.join(projectRoot, 'resources', 'icons');
    expect(readFileSync(path.join(icons, 'icon.ico')).readUInt16LE(4)).toBe(7);
    const icns = readFileSync(path.join(icons, 'icon.icns'));
    expect(icns.readUInt32BE(4)).toBe(icns.length);
  });
});

it('packs the default app so that its files are found by offset', () => {
  const archive = packAsar(DEFAULT_APP_FILES);
  const header = JSON.parse(archive.subarray(16, 16 + archive.readUInt32LE(12)).toString()) as {
    files: Record<string, { size: number; offset: string }>;
  };
  const start = 8 + archive.readUInt32LE(4);
  for (const [name, text] of Object.entries(DEFAULT_APP_FILES)) {
    const { size, offset } = header.files[name]!;
    const from = start + Number(offset);
    expect(archive.subarray(from, from + size).toString()).toBe(text);
  }
});
