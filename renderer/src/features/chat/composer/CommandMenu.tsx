// The list of commands above the field, driven by the field's keys or the pointer.
import clsx from 'clsx';
import { useLayoutEffect, useRef } from 'react';
import { t } from '../../../i18n/t.js';
import type { CommandMenuState } from './use-command-menu.js';

export const COMMAND_MENU_ID = 'composer-commands';

export function optionId(index: number): string {
  return `${COMMAND_MENU_ID}-${index}`;
}

export function CommandMenu({ menu }: { menu: CommandMenuState }) {
  const box = useRef<HTMLDivElement>(null);
  const { active, choices, isOpen } = menu;
  useLayoutEffect(() => {
    const list = box.current;
    const row = list?.children[Math.max(0, active)];
    if (!list || !(row instanceof HTMLElement)) return;
    const below = row.offsetTop + row.offsetHeight - list.clientHeight;
    list.scrollTop = Math.min(Math.max(list.scrollTop, below), row.offsetTop);
  }, [active, choices]);
  if (!isOpen) return null;
  return (
    <div
      ref={box}
      id={COMMAND_MENU_ID}
      role="listbox"
      aria-label={t('composer.commands')}
      data-testid="command-menu"
      className="fade-in absolute inset-x-0 bottom-full z-30 mb-2 max-h-[min(328px,45vh)] overflow-y-auto overscroll-contain rounded-lg bg-raised p-1.5 shadow-float ring-1 ring-line"
    >
      {choices.map((choice, index) => (
        <div
          key={choice.key}
          id={optionId(index)}
          role="option"
          aria-selected={index === active}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => index !== active && menu.point(index)}
          onClick={() => menu.choose(index)}
          className={clsx(
            'flex min-h-9 cursor-default flex-wrap items-center gap-x-2 rounded-md px-2.5 py-1 sm:flex-nowrap',
            index === active && 'bg-selected',
          )}
        >
          <span className="shrink-0 font-mono text-13">{choice.title}</span>
          {choice.usage !== '' && <span className="shrink-0 font-mono text-12 text-muted">{choice.usage}</span>}
          <span className="min-w-0 basis-full truncate text-12 text-muted empty:hidden sm:ml-auto sm:basis-auto sm:pl-4">
            {choice.about}
          </span>
        </div>
      ))}
    </div>
  );
}
