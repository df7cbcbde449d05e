import { describe, expect, it } from 'vitest';

// The test runner empties style sheets that are imported, and this code is compiled without Node's types.
const host = globalThis as unknown as {
  process: { getBuiltinModule(name: 'fs'): { readFileSync(path: string, encoding: 'utf8'): string } };
};
const path = new URL(import.meta.url).pathname.replace('contrast.test.ts', 'tokens.css');
const tokensCss = host.process.getBuiltinModule('fs').readFileSync(path, 'utf8');

type Rgb = readonly [number, number, number];
type Theme = 'light' | 'dark';

const DECLARATION = /--([\w-]+):\s*light-dark\(\s*oklch\(([^)]+)\),\s*oklch\(([^)]+)\)\s*\)/g;

/** OKLCH → linear sRGB, clamped to what a screen can show. */
function toLinearRgb(text: string): Rgb {
  const [lightness = 0, chroma = 0, hue = 0] = text.split(/[\s/]+/).map(Number);
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return [
    clamp(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clamp(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clamp(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const tokens = new Map(
  [...tokensCss.matchAll(DECLARATION)].map(([, name, light, dark]) => [
    name ?? '',
    { light: toLinearRgb(light ?? ''), dark: toLinearRgb(dark ?? '') },
  ]),
);

function colour(name: string, theme: Theme): Rgb {
  const found = tokens.get(name);
  if (!found) throw new Error(`no token --${name}`);
  return found[theme];
}

const SURFACES = [
  'surface',
  'surface-raised',
  'surface-sunken',
  'surface-hover',
  'surface-selected',
  'surface-tint',
  'surface-error',
  'surface-warning',
];
const PLAIN_SURFACES = ['surface', 'surface-raised', 'surface-sunken'];
const STATES = ['success', 'warning', 'error', 'info', 'progress', 'neutral'].map((state) => `state-${state}`);
const CODE = ['text', 'keyword', 'string', 'number', 'title', 'comment'].map((name) => `code-${name}`);

const pairs = (fronts: readonly string[], backs: readonly string[]) =>
  fronts.flatMap((front) => backs.map((back) => [front, back] as const));

/** Text needs 4.5:1. */
const TEXT_PAIRS = [
  ...pairs(['text', 'text-muted'], SURFACES),
  ...pairs(['accent'], [...PLAIN_SURFACES, 'surface-tint', 'surface-hover']),
  ...pairs(['state-error', 'state-warning'], [...PLAIN_SURFACES, 'surface-hover']),
  ...pairs(['text-on-accent'], ['accent', 'accent-hover']),
  ...pairs(['surface'], ['state-error']),
  ...pairs(CODE, ['surface-sunken', 'surface']),
];

/** Icons, focus rings and the edges of controls need 3:1. */
const SIGN_PAIRS = [
  ...pairs(STATES, [...SURFACES]),
  ...pairs(['focus', 'accent'], SURFACES),
  ...pairs(['border-control'], PLAIN_SURFACES),
];

describe.each<Theme>(['light', 'dark'])('contrast, %s theme', (theme) => {
  it.each(TEXT_PAIRS)('%s can be read on %s', (front, back) => {
    expect(contrast(colour(front, theme), colour(back, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SIGN_PAIRS)('%s can be seen on %s', (front, back) => {
    expect(contrast(colour(front, theme), colour(back, theme))).toBeGreaterThanOrEqual(3);
  });
});

describe('tokens', () => {
  it('are all found by this test', () => {
    expect(tokens.size).toBe([...tokensCss.matchAll(/^\s+--[\w-]+:/gm)].length);
  });

  it('computes known contrasts', () => {
    expect(contrast(toLinearRgb('1 0 0'), toLinearRgb('0 0 0'))).toBeCloseTo(21, 1);
  });
});
