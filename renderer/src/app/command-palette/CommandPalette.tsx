// ⌘K: every command and chat by name.
import { useNavigate } from '@tanstack/react-router';
import { Command as Palette } from 'cmdk';
import { MessageSquare } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { groupSessions } from '../../features/chat/sessions/session-groups.js';
import { t } from '../../i18n/t.js';
import { Dialog } from '../../ui/Dialog.js';
import { Kbd } from '../../ui/Kbd.js';
import { useServices } from '../services-context.js';
import { availableCommands, type Command, type CommandGroup } from './commands.js';
import { shownKeys } from './shortcuts.js';
import { useCommandFacts, useRunCommand } from './use-commands.js';

const GROUPS: readonly CommandGroup[] = ['here', 'go', 'gateway', 'appearance', 'app'];
const RECENT = 6;

const ITEM =
  'flex h-9 items-center gap-3 rounded-md px-3 data-[selected=true]:bg-selected data-[disabled=true]:opacity-50';
const GROUP =
  'px-1.5 pb-1.5 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-11 [&_[cmdk-group-heading]]:text-muted';

interface ContentProps {
  onClose(): void;
}

function CommandItem({ command, isMac, onRun }: { command: Command; isMac: boolean; onRun: () => void }) {
  const [shortcut] = command.shortcuts;
  return (
    <Palette.Item value={`${t(command.title)} ${command.id}`} onSelect={onRun} className={ITEM}>
      <span className="min-w-0 flex-1 truncate">{t(command.title)}</span>
      {shortcut && <Kbd chords={shownKeys(shortcut, isMac)} />}
    </Palette.Item>
  );
}

function Content({ onClose }: ContentProps) {
  const { sessions, isMac } = useServices();
  const state = useStore(sessions.store);
  const facts = useCommandFacts();
  const run = useRunCommand();
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const chats = groupSessions(state)
    .flatMap((group) => group.items)
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs);
  const commands = availableCommands(facts).filter((command) => command.id !== 'app.palette');
  const after = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <Palette label={t('palette.title')} loop className="flex max-h-[60vh] flex-col">
      <Palette.Input
        autoFocus
        value={query}
        onValueChange={setQuery}
        placeholder={t('palette.placeholder')}
        className="h-12 shrink-0 border-b border-line bg-transparent px-4 text-15 outline-hidden placeholder:text-muted"
      />
      <Palette.List className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <Palette.Empty className="p-6 text-center text-muted">{t('palette.empty', { query })}</Palette.Empty>
        {GROUPS.slice(0, 1).map((group) => (
          <CommandGroupList
            key={group}
            group={group}
            commands={commands}
            isMac={isMac}
            run={(id) => after(() => run(id))()}
          />
        ))}
        {chats.length > 0 && (
          <Palette.Group heading={t('palette.group.recent')} className={GROUP}>
            {(query === '' ? chats.slice(0, RECENT) : chats).map((chat) => (
              <Palette.Item
                key={chat.key}
                value={`${chat.title} ${chat.key}`}
                className={ITEM}
                onSelect={after(() => void navigate({ to: '/chat/$sessionKey', params: { sessionKey: chat.key } }))}
              >
                <MessageSquare aria-hidden="true" className="size-4 shrink-0 text-muted" />
                <span className="min-w-0 flex-1 truncate">{chat.title}</span>
              </Palette.Item>
            ))}
          </Palette.Group>
        )}
        {GROUPS.slice(1).map((group) => (
          <CommandGroupList
            key={group}
            group={group}
            commands={commands}
            isMac={isMac}
            run={(id) => after(() => run(id))()}
          />
        ))}
      </Palette.List>
    </Palette>
  );
}

interface GroupListProps {
  group: CommandGroup;
  commands: readonly Command[];
  isMac: boolean;
  run(id: string): void;
}

function CommandGroupList({ group, commands, isMac, run }: GroupListProps) {
  const own = commands.filter((command) => command.group === group);
  if (own.length === 0) return null;
  return (
    <Palette.Group heading={t(`palette.group.${group}`)} className={GROUP}>
      {own.map((command) => (
        <CommandItem key={command.id} command={command} isMac={isMac} onRun={() => run(command.id)} />
      ))}
    </Palette.Group>
  );
}

export function CommandPalette() {
  const { ui } = useServices();
  const isOpen = useStore(ui, (state) => state.isPaletteOpen);
  const close = () => ui.setState({ isPaletteOpen: false });
  return (
    <Dialog
      label={t('palette.title')}
      isOpen={isOpen}
      onClose={close}
      className="mt-[14vh]! w-[600px] max-w-[calc(100vw-32px)] overflow-hidden"
    >
      <Content onClose={close} />
    </Dialog>
  );
}
