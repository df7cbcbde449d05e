// All shortcuts, read from the one registry.
import { X } from 'lucide-react';
import { Fragment } from 'react';
import { useStore } from 'zustand';
import { t, type TextKey } from '../../i18n/t.js';
import { IconButton } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';
import { Kbd } from '../../ui/Kbd.js';
import { COMMANDS, type CommandGroup } from '../command-palette/commands.js';
import { shownKeys } from '../command-palette/shortcuts.js';
import { useServices } from '../services-context.js';

const GROUPS: readonly CommandGroup[] = ['here', 'go', 'gateway', 'app'];

/** Keys of the composer: they belong to the text field, not to the registry. */
const COMPOSER_KEYS: ReadonlyArray<{ title: TextKey; shortcuts: readonly string[] }> = [
  { title: 'help.composer.send', shortcuts: ['enter'] },
  { title: 'help.composer.break', shortcuts: ['shift+enter'] },
  { title: 'help.composer.edit', shortcuts: ['arrowup'] },
  { title: 'help.composer.stop', shortcuts: ['escape escape'] },
];

interface KeyRowProps {
  title: TextKey;
  shortcuts: readonly string[];
  isMac: boolean;
}

function KeyRow({ title, shortcuts, isMac }: KeyRowProps) {
  return (
    <div className="flex min-h-8 items-center gap-3">
      <dt className="min-w-0 flex-1">{t(title)}</dt>
      <dd className="flex items-center gap-1.5 text-11 text-muted">
        {shortcuts.map((shortcut, index) => (
          <Fragment key={shortcut}>
            {index > 0 && t('help.or')}
            <Kbd chords={shownKeys(shortcut, isMac)} />
          </Fragment>
        ))}
      </dd>
    </div>
  );
}

export function HelpSheet() {
  const { ui, isMac } = useServices();
  const isOpen = useStore(ui, (state) => state.isHelpOpen);
  const close = () => ui.setState({ isHelpOpen: false });
  return (
    <Dialog
      label={t('help.title')}
      isOpen={isOpen}
      onClose={close}
      className="max-h-[84vh] w-[560px] max-w-[calc(100vw-32px)] overflow-y-auto"
    >
      <div className="p-5">
        <div className="mb-2 flex items-center justify-between">
          <h2 className="text-15 font-semibold">{t('help.title')}</h2>
          <IconButton name={t('action.close')} onClick={close}>
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
        {GROUPS.map((group) => (
          <section key={group} className="mt-3">
            <h3 className="text-12 font-medium text-muted">{t(`palette.group.${group}`)}</h3>
            <dl>
              {COMMANDS.filter((command) => command.group === group && command.shortcuts.length > 0).map((command) => (
                <KeyRow key={command.id} title={command.title} shortcuts={command.shortcuts} isMac={isMac} />
              ))}
            </dl>
          </section>
        ))}
        <section className="mt-3">
          <h3 className="text-12 font-medium text-muted">{t('help.composer')}</h3>
          <dl>
            {COMPOSER_KEYS.map((row) => (
              <KeyRow key={row.title} {...row} isMac={isMac} />
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
