import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GatewayState, GatewayStatus } from '../../contract/desktop.js';
import { buildTrayMenu, isDarkBar, trayIconFile, type TrayRow } from './build-tray-menu.js';

const status = (state: GatewayState, more: Partial<GatewayStatus> = {}): GatewayStatus => ({
  state,
  working: 0,
  sinceMs: 0,
  restarts: 0,
  ...more,
});

const labels = (rows: TrayRow[]): string[] =>
  rows.flatMap((row) => {
    if (row.kind === 'separator') return ['—'];
    return row.kind === 'submenu' ? [`${row.label} ▸`, ...labels(row.rows)] : [row.label];
  });

const STATES: GatewayState[] = ['starting', 'ready', 'working', 'stopped', 'failed', 'restarting'];

describe('buildTrayMenu', () => {
  it('shows the fixed order with the verbs of a ready gateway', () => {
    expect(labels(buildTrayMenu(status('ready')))).toEqual([
      'Ready',
      '—',
      'Open',
      '—',
      'Gateway ▸',
      'Stop',
      'Restart',
      'Copy address',
      'Show logs',
      '—',
      'Quit',
    ]);
  });

  it.each<[GatewayState, string[]]>([
    ['starting', ['Stop', 'Restart', 'Show logs']],
    ['restarting', ['Stop', 'Restart', 'Show logs']],
    ['working', ['Stop', 'Restart', 'Copy address', 'Show logs']],
    ['stopped', ['Start', 'Show logs']],
    ['failed', ['Start', 'Show logs']],
  ])('offers only the verbs that fit while %s', (state, verbs) => {
    const gateway = buildTrayMenu(status(state)).find((row) => row.kind === 'submenu');
    expect(gateway?.kind === 'submenu' && labels(gateway.rows)).toEqual(verbs);
  });

  it.each<[GatewayStatus, string]>([
    [status('starting', { step: 'reading the config' }), 'Starting – reading the config'],
    [status('starting'), 'Starting'],
    [status('working', { working: 1 }), '1 agent working'],
    [status('working', { working: 3 }), '3 agents working'],
    [status('stopped'), 'Stopped'],
    [status('failed', { reason: { code: 'x', message: 'The port is taken.' } }), 'Cannot start – The port is taken'],
    [status('restarting', { reason: { code: 'x', message: 'It ended.' } }), 'Reconnecting – It ended'],
  ])('says in its first row what is: %#', (given, text) => {
    expect(labels(buildTrayMenu(given))[0]).toBe(text);
  });

  it('shortens a long reason', () => {
    const row = labels(buildTrayMenu(status('failed', { reason: { code: 'x', message: 'a '.repeat(200) } })))[0]!;
    expect(row.length).toBeLessThan(90);
    expect(row.endsWith('…')).toBe(true);
  });

  it('stays within twelve rows in every state', () => {
    for (const state of STATES) {
      const rows = buildTrayMenu(status(state)).filter((row) => row.kind !== 'separator');
      expect(rows.length).toBeLessThanOrEqual(12);
    }
  });
});

describe('trayIconFile', () => {
  const trayDir = path.join(import.meta.dirname, '../../../resources/tray');

  it('names files that exist for every state, platform and bar', () => {
    const files = STATES.flatMap((state) =>
      (['darwin', 'win32', 'linux'] as const).flatMap((platform) =>
        [true, false].map((dark) => trayIconFile(state, { platform, isDarkBar: dark })),
      ),
    );
    const scaled = files.flatMap((file) => [file, file.replace('.png', '@2x.png')]);
    expect(scaled.filter((file) => !existsSync(path.join(trayDir, file)))).toEqual([]);
  });
});

it('knows that the bar of GNOME is dark whatever the theme', () => {
  expect(isDarkBar({ platform: 'linux', isDarkSystem: false, desktop: 'ubuntu:GNOME' })).toBe(true);
  expect(isDarkBar({ platform: 'linux', isDarkSystem: false, desktop: 'KDE' })).toBe(false);
  expect(isDarkBar({ platform: 'win32', isDarkSystem: true })).toBe(true);
});
