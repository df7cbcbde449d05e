import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { buildAppMenu, type AppMenuFacts } from './build-app-menu.js';

function flatten(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

function build(more: Partial<AppMenuFacts> = {}) {
  const commands: string[] = [];
  const facts: AppMenuFacts = { platform: 'linux', appName: 'OpenClaw HQ', isDevelopment: false, ...more };
  const menu = buildAppMenu(facts, { command: (id) => commands.push(id), showLogFiles: () => commands.push('files') });
  return { menu, items: flatten(menu), commands };
}

const click = (item: MenuItemConstructorOptions | undefined): void => (item?.click as (() => void) | undefined)?.();

describe('buildAppMenu', () => {
  it.each([
    ['app.palette', 'CmdOrCtrl+K'],
    ['app.settings', 'CmdOrCtrl+,'],
    ['app.sidebar', 'CmdOrCtrl+B'],
    ['logs.open', 'CmdOrCtrl+L'],
    ['chat.new', 'CmdOrCtrl+N'],
    ['chat.stop', 'CmdOrCtrl+.'],
  ])('runs %s in the window on %s', (id, accelerator) => {
    for (const platform of ['darwin', 'win32', 'linux'] as const) {
      const { items, commands } = build({ platform });
      const matches = items.filter((item) => item.id === id);
      expect(matches).toHaveLength(1);
      expect(matches[0]!.accelerator).toBe(accelerator);
      click(matches[0]);
      expect(commands).toEqual([id]);
    }
  });

  it('has the editing roles, since shortcuts in text fields depend on them', () => {
    const roles = build({ platform: 'darwin' }).items.map((item) => item.role);
    expect(roles).toEqual(expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll']));
  });

  it('puts the app menu first on macOS and nowhere else', () => {
    expect(build({ platform: 'darwin' }).menu[0]!.label).toBe('OpenClaw HQ');
    expect(build({ platform: 'win32' }).menu[0]!.label).toBe('File');
  });

  it('offers developer tools in development only', () => {
    const hasTools = (isDevelopment: boolean) =>
      build({ isDevelopment }).items.some((item) => item.role === 'toggleDevTools' || item.role === 'reload');
    expect([hasTools(true), hasTools(false)]).toEqual([true, false]);
  });

  it('gives a shortcut to one entry only', () => {
    const shortcuts = build().items.flatMap((item) => (item.accelerator ? [item.accelerator] : []));
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });
});
