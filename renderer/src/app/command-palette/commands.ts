// The one registry of commands: palette, shortcuts, help sheet and the desktop menu read it.
import type { StatusKind } from '../../data/derive-status.js';
import type { SettingsPageId } from '../../features/settings/settings-rows.js';
import type { TextKey } from '../../i18n/t.js';
import type { Services } from '../services.js';

export type CommandGroup = 'here' | 'go' | 'gateway' | 'appearance' | 'app';

export interface CommandContext {
  services: Services;
  /** Goes to a page of the window. */
  go(page: 'chat' | 'logs' | 'schedules' | 'usage' | 'settings', sessionKey?: string): void;
  /** Goes to a page of the settings. */
  goToSettings(page: SettingsPageId): void;
  /** Opens an empty conversation. */
  newChat(): void;
  /** Goes up or down in the list of chats. */
  stepChat(direction: -1 | 1): void;
}

export interface CommandFacts {
  hasDesktop: boolean;
  status: StatusKind;
  isAnswering: boolean;
  /** A conversation is on screen. */
  isInChat: boolean;
  /** An agent waits for a person's answer. */
  isAsked: boolean;
}

export interface Command {
  id: string;
  title: TextKey;
  group: CommandGroup;
  shortcuts: readonly string[];
  isAvailable?(facts: CommandFacts): boolean;
  run(context: CommandContext): void;
}

const inDesktop = (facts: CommandFacts) => facts.hasDesktop;
const isDown = (facts: CommandFacts) => facts.status === 'stopped' || facts.status === 'failed';

/** The id is what the desktop menu sends. */
export const COMMANDS: readonly Command[] = [
  {
    id: 'chat.new',
    title: 'command.chat.new',
    group: 'here',
    shortcuts: ['mod+n', 'mod+shift+o', 'c'],
    run: ({ newChat }) => newChat(),
  },
  {
    id: 'chat.stop',
    title: 'command.chat.stop',
    group: 'here',
    shortcuts: ['mod+.'],
    isAvailable: (facts) => facts.isAnswering,
    run({ services }) {
      const { sessionKey } = services.ui.getState();
      if (sessionKey) services.chats.stop(sessionKey);
    },
  },
  {
    id: 'chat.focus',
    title: 'command.chat.focus',
    group: 'here',
    shortcuts: ['i'],
    run: () => document.getElementById('composer')?.focus(),
  },
  {
    id: 'chat.search',
    title: 'command.chat.search',
    group: 'here',
    shortcuts: ['/'],
    run({ services }) {
      services.ui.setState({ isChatListOpen: true });
      requestAnimationFrame(() => document.getElementById('chat-search')?.focus());
    },
  },
  {
    id: 'chat.previous',
    title: 'command.chat.previous',
    group: 'here',
    shortcuts: ['alt+arrowup', 'k'],
    run: ({ stepChat }) => stepChat(-1),
  },
  {
    id: 'chat.next',
    title: 'command.chat.next',
    group: 'here',
    shortcuts: ['alt+arrowdown', 'j'],
    run: ({ stepChat }) => stepChat(1),
  },
  {
    id: 'chat.run',
    title: 'command.chat.run',
    group: 'here',
    shortcuts: ['mod+i'],
    isAvailable: (facts) => facts.isInChat,
    run({ services: { ui } }) {
      const { sessionKey, shownRun } = ui.getState();
      ui.setState({ shownRun: shownRun || sessionKey === undefined ? undefined : { sessionKey } });
    },
  },
  {
    id: 'chat.compact',
    title: 'command.chat.compact',
    group: 'here',
    shortcuts: [],
    isAvailable: (facts) => facts.isInChat && !facts.isAnswering,
    run({ services }) {
      const { sessionKey } = services.ui.getState();
      if (sessionKey) services.chats.send(sessionKey, '/compact');
    },
  },
  {
    id: 'approvals.show',
    title: 'command.approvals.show',
    group: 'here',
    shortcuts: ['g a'],
    isAvailable: (facts) => facts.isAsked,
    run: () => document.querySelector<HTMLElement>('[data-approval-answer]')?.focus(),
  },
  { id: 'nav.chat', title: 'command.nav.chat', group: 'go', shortcuts: ['mod+1', 'g c'], run: ({ go }) => go('chat') },
  {
    id: 'app.settings',
    title: 'command.app.settings',
    group: 'go',
    shortcuts: ['mod+,', 'g s'],
    run: ({ go }) => go('settings'),
  },
  {
    id: 'gateway.start',
    title: 'command.gateway.start',
    group: 'gateway',
    shortcuts: [],
    isAvailable: (facts) => facts.hasDesktop && isDown(facts),
    run: ({ services }) => void services.desktop?.gateway.start(),
  },
  {
    id: 'gateway.restart',
    title: 'command.gateway.restart',
    group: 'gateway',
    shortcuts: [],
    isAvailable: (facts) => facts.hasDesktop && !isDown(facts),
    run: ({ services }) => void services.desktop?.gateway.restart(),
  },
  {
    id: 'gateway.stop',
    title: 'command.gateway.stop',
    group: 'gateway',
    shortcuts: [],
    isAvailable: (facts) => facts.hasDesktop && !isDown(facts),
    run: ({ services }) => void services.desktop?.gateway.stop(),
  },
  {
    id: 'gateway.retry',
    title: 'command.gateway.retry',
    group: 'gateway',
    shortcuts: [],
    isAvailable: (facts) => facts.status === 'reconnecting',
    run: ({ services }) => services.gateway.retryNow(),
  },
  {
    id: 'gateway.copyAddress',
    title: 'command.gateway.copyAddress',
    group: 'gateway',
    shortcuts: [],
    isAvailable: inDesktop,
    run: ({ services }) => void services.desktop?.gateway.copyAddress(),
  },
  {
    id: 'logs.open',
    title: 'command.logs.open',
    group: 'go',
    shortcuts: ['mod+l', 'mod+2', 'g l'],
    run: ({ go }) => go('logs'),
  },
  {
    id: 'nav.schedules',
    title: 'command.nav.schedules',
    group: 'go',
    shortcuts: ['mod+3', 'g e'],
    run: ({ go }) => go('schedules'),
  },
  {
    id: 'nav.usage',
    title: 'command.nav.usage',
    group: 'go',
    shortcuts: ['mod+4', 'g u'],
    run: ({ go }) => go('usage'),
  },
  {
    id: 'logs.folder',
    title: 'command.logs.folder',
    group: 'gateway',
    shortcuts: [],
    isAvailable: inDesktop,
    run: ({ services }) => void services.desktop?.gateway.showLogs(),
  },
  {
    id: 'settings.models',
    title: 'command.settings.models',
    group: 'go',
    shortcuts: [],
    run: ({ goToSettings }) => goToSettings('models'),
  },
  {
    id: 'settings.agents',
    title: 'command.settings.agents',
    group: 'go',
    shortcuts: [],
    run: ({ goToSettings }) => goToSettings('agents'),
  },
  {
    id: 'settings.devices',
    title: 'command.settings.devices',
    group: 'go',
    shortcuts: [],
    run: ({ goToSettings }) => goToSettings('devices'),
  },
  {
    id: 'settings.gateway',
    title: 'command.settings.gateway',
    group: 'go',
    shortcuts: [],
    run: ({ goToSettings }) => goToSettings('gateway'),
  },
  {
    id: 'settings.advanced',
    title: 'command.settings.advanced',
    group: 'go',
    shortcuts: [],
    run: ({ goToSettings }) => goToSettings('advanced'),
  },
  {
    id: 'theme.system',
    title: 'command.theme.system',
    group: 'appearance',
    shortcuts: [],
    run: ({ services }) => services.preferences.change({ theme: 'system' }),
  },
  {
    id: 'theme.light',
    title: 'command.theme.light',
    group: 'appearance',
    shortcuts: [],
    run: ({ services }) => services.preferences.change({ theme: 'light' }),
  },
  {
    id: 'theme.dark',
    title: 'command.theme.dark',
    group: 'appearance',
    shortcuts: [],
    run: ({ services }) => services.preferences.change({ theme: 'dark' }),
  },
  {
    id: 'density.toggle',
    title: 'command.density.toggle',
    group: 'appearance',
    shortcuts: [],
    run({ services: { preferences } }) {
      const isCompact = preferences.store.getState().density === 'compact';
      preferences.change({ density: isCompact ? 'comfortable' : 'compact' });
    },
  },
  {
    id: 'app.palette',
    title: 'command.app.palette',
    group: 'app',
    shortcuts: ['mod+k'],
    run: ({ services: { ui } }) => ui.setState({ isPaletteOpen: !ui.getState().isPaletteOpen }),
  },
  {
    id: 'app.sidebar',
    title: 'command.app.sidebar',
    group: 'app',
    shortcuts: ['mod+b'],
    run({ services: { preferences, ui } }) {
      const isNarrow = window.matchMedia('(max-width: 767px)').matches;
      if (isNarrow) ui.setState({ isDrawerOpen: !ui.getState().isDrawerOpen });
      else preferences.change({ sidebarCollapsed: !preferences.store.getState().sidebarCollapsed });
    },
  },
  {
    id: 'app.help',
    title: 'command.app.help',
    group: 'app',
    shortcuts: ['?'],
    run: ({ services: { ui } }) => ui.setState({ isHelpOpen: true }),
  },
  {
    id: 'app.signOut',
    title: 'command.app.signOut',
    group: 'app',
    shortcuts: [],
    isAvailable: (facts) => !facts.hasDesktop,
    run: ({ services }) => services.signOut(),
  },
];

export function findCommand(id: string): Command | undefined {
  return COMMANDS.find((command) => command.id === id);
}

/** The keys of a command as its first shortcut, or undefined. */
export function shortcutOf(id: string): string | undefined {
  return findCommand(id)?.shortcuts[0];
}

export function availableCommands(facts: CommandFacts): readonly Command[] {
  return COMMANDS.filter((command) => command.isAvailable?.(facts) ?? true);
}
