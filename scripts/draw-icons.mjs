// Draws every icon from its SVG source. The results are committed, so builds need no tool; run this after a change
// of a source, on a machine with `rsvg-convert` (Debian: librsvg2-bin): `node scripts/draw-icons.mjs`
//
//   resources/icons/mark.svg          → icons/icon.png, icon.ico (Windows), icon.icns (macOS), linux/<n>x<n>.png
//   resources/tray/source/<state>.svg → tray/<state>Template.png (macOS), <state>-light.png and -dark.png, each in
//                                       the scales that Electron picks by file name
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packIcns, packIco } from './icon-containers.mjs';

const resources = path.join(import.meta.dirname, '..', 'resources');

const TRAY_SIZE = 16;

/** Colours by class of the SVG sources, and scales by file-name suffix. macOS tints its black template images. */
const TRAY_SETS = {
  Template: { ink: '#000', progress: '#000', error: '#000', scales: { '': 1, '@2x': 2, '@3x': 3 } },
  '-light': {
    ink: '#23201c',
    progress: '#6b3fc4',
    error: '#c22f2c',
    scales: { '': 1, '@1.25x': 1.25, '@1.5x': 1.5, '@2x': 2 },
  },
  '-dark': {
    ink: '#f4f3f0',
    progress: '#bba0ff',
    error: '#ff8a80',
    scales: { '': 1, '@1.25x': 1.25, '@1.5x': 1.5, '@2x': 2 },
  },
};

/** macOS icons keep a margin around their tile. */
const MAC_TILE = 824 / 1024;

function render(svg, size, stylesheet) {
  const styled = stylesheet ? svg.replace(/(<svg[^>]*>)/, `$1<style>${stylesheet}</style>`) : svg;
  const { status, stdout, stderr, error } = spawnSync('rsvg-convert', ['-w', `${size}`, '-h', `${size}`], {
    input: styled,
    maxBuffer: 1 << 26,
  });
  if (error || status !== 0) throw new Error(`rsvg-convert failed: ${error?.message ?? stderr}`);
  return stdout;
}

function insetForMac(svg) {
  const inner = svg.replace(/^<svg[^>]*>|<\/svg>\s*$/g, '');
  const margin = ((1 - MAC_TILE) / 2) * 1024;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024"><g transform="translate(${margin} ${margin}) scale(${MAC_TILE})">${inner}</g></svg>`;
}

function drawAppIcons() {
  const folder = path.join(resources, 'icons');
  const svg = readFileSync(path.join(folder, 'mark.svg'), 'utf8');
  const atSizes = (source, sizes) => sizes.map((size) => ({ size, png: render(source, size) }));
  writeFileSync(path.join(folder, 'icon.png'), render(svg, 512));
  writeFileSync(path.join(folder, 'icon.ico'), packIco(atSizes(svg, [16, 24, 32, 48, 64, 128, 256])));
  writeFileSync(path.join(folder, 'icon.icns'), packIcns(atSizes(insetForMac(svg), [16, 32, 64, 128, 256, 512, 1024])));
  mkdirSync(path.join(folder, 'linux'), { recursive: true });
  for (const { size, png } of atSizes(svg, [16, 24, 32, 48, 64, 128, 256, 512])) {
    writeFileSync(path.join(folder, 'linux', `${size}x${size}.png`), png);
  }
}

function drawTrayIcons() {
  const folder = path.join(resources, 'tray');
  const sources = readdirSync(path.join(folder, 'source')).filter((name) => name.endsWith('.svg'));
  for (const source of sources) {
    const svg = readFileSync(path.join(folder, 'source', source), 'utf8');
    for (const [suffix, { ink, progress, error, scales }] of Object.entries(TRAY_SETS)) {
      const stylesheet = `.ink{fill:${ink}}.ink-line{stroke:${ink}}.progress{fill:${progress}}.error-line{stroke:${error}}`;
      for (const [scaleName, scale] of Object.entries(scales)) {
        const name = `${path.basename(source, '.svg')}${suffix}${scaleName}.png`;
        writeFileSync(path.join(folder, name), render(svg, TRAY_SIZE * scale, stylesheet));
      }
    }
  }
}

drawAppIcons();
drawTrayIcons();
