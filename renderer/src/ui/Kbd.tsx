// Keys as people see them on their keyboard.
import { Fragment } from 'react';
import { t } from '../i18n/t.js';

interface KbdProps {
  /** One chord per entry, its keys as shown: `[['Ctrl', 'K']]`; several entries are pressed one after another. */
  chords: readonly (readonly string[])[];
}

export function Kbd({ chords }: KbdProps) {
  return (
    <span aria-hidden="true" className="inline-flex shrink-0 items-center gap-1 text-11 text-muted">
      {chords.map((keys, index) => (
        <Fragment key={keys.join('+')}>
          {index > 0 && <span>{t('help.then')}</span>}
          <span className="inline-flex gap-0.5">
            {keys.map((key) => (
              <kbd
                key={key}
                className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-sm border border-line bg-surface px-1 font-sans"
              >
                {key}
              </kbd>
            ))}
          </span>
        </Fragment>
      ))}
    </span>
  );
}
